/**
 * The way to the search of messages by keyboard. The search page itself is live by `pages/search.js`.
 */

import { isComposing } from "./ime.js";

/** Ctrl or Cmd with Shift and F: search here, or everywhere. The browser's own find, without Shift, is left alone. */
export function listenForSearch() {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== "KeyF" || isComposing(event)) return;
    const link = document.getElementById("search-here") ?? document.getElementById("search-link");
    const box = document.querySelector("#search input[type=search]");
    if (!link && !box) return;
    event.preventDefault();
    if (box instanceof HTMLInputElement) box.select();
    else if (link instanceof HTMLAnchorElement) location.assign(link.href);
  });
}
