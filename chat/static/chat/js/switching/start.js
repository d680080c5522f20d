/**
 * Switching, where there is something to switch: on the page of a conversation, and on that of the list.
 */

import { Switching } from "./switching.js";

/** @param {import("./switching.js").Shared} shared */
export function startSwitching(shared) {
  const { page } = document.body.dataset;
  if (page === "conversation" || page === "list") new Switching(shared);
}
