/**
 * Switching, where there is something to switch: on the page of a conversation, and on that of the list. A page that was
 * made without a network of what was kept is replaced as soon as there is one.
 */

import { Switching } from "./switching.js";

/** @param {import("./switching.js").Shared} shared */
export function startSwitching(shared) {
  const { page } = document.body.dataset;
  if ((page === "conversation" || page === "list") && !shared.boot.kept_at) new Switching(shared);
}
