/**
 * Buttons that copy what stands in a field.
 */

import { copyText } from "../ui/clipboard.js";

export function enhanceCopying() {
  for (const button of document.querySelectorAll("button[data-copy]")) offer(/** @type {HTMLButtonElement} */ (button));
}

/** @param {HTMLButtonElement} button */
function offer(button) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(button.dataset.copy ?? ""));
  const said = document.getElementById(button.getAttribute("aria-describedby") ?? "");
  if (!field || !said) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copyText(field.value);
    said.textContent = button.dataset.done ?? "";
  });
}
