/**
 * Ctrl+/ shows what all the keys do.
 */

import { isComposing } from "../ui/ime.js";
import { openSheet } from "../reading/sheet.js";

/**
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {import("../ui/text.js").Words} parts.words
 * @param {import("../ui/alert.js").Alert} parts.alert
 */
export function listenForHelp({ boot, words, alert }) {
  addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented || event.key !== "/") return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) void openSheet(boot.urls.keys, { words, alert });
  });
}
