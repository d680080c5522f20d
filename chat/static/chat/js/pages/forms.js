/**
 * Small comforts on the plain pages: showing a password, seeing a picture before it is uploaded.
 */

import { drawAvatar } from "../ui/people.js";

export function enhanceForms() {
  for (const button of document.querySelectorAll("button.reveal")) revealPassword(/** @type {HTMLButtonElement} */ (button));
  previewAvatar();
}

/** @param {HTMLButtonElement} button */
function revealPassword(button) {
  const field = button.parentElement?.querySelector("input");
  if (!field) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = field.type === "password";
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  });
}

function previewAvatar() {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("id_avatar"));
  const place = /** @type {HTMLElement | null} */ (document.querySelector("#avatar-preview .avatar"));
  if (field?.type !== "file" || !place) return;
  let shown = "";
  field.addEventListener("change", () => {
    const file = field.files?.[0];
    if (!file) return;
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(file);
    drawAvatar(place, { avatar: shown, initials: "", color: 0 });
  });
}
