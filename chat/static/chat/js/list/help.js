/**
 * Ctrl+/ shows what all the keys do.
 */

import { isComposing } from "../ui/ime.js";
import { openSheet } from "../reading/sheet.js";

/** @param {import("../ui/page.js").Boot} boot */
export function listenForHelp(boot) {
  addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented || event.key !== "/") return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) void openSheet(boot.urls.keys);
  });
}
