/**
 * Small comforts on the plain pages: showing a password, asking before something that cannot be undone, seeing a
 * picture before it is uploaded.
 */

import { clone, fill } from "./page.js";

export function enhanceForms() {
  for (const button of document.querySelectorAll("button.reveal")) revealPassword(/** @type {HTMLButtonElement} */ (button));
  document.addEventListener("submit", askFirst);
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

/** @param {SubmitEvent} event */
function askFirst(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const question = form.dataset.confirm;
  if (!question || event.defaultPrevented || !document.getElementById("confirm")) return;
  event.preventDefault();
  void ask(question).then((isSure) => {
    // `submit()` and not `requestSubmit()`: the question has been answered.
    if (isSure) form.submit();
  });
}

/** @param {string} question @returns {Promise<boolean>} */
export function ask(question) {
  const dialog = /** @type {HTMLDialogElement} */ (clone("confirm"));
  fill(dialog, "text", question);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok");
    });
  });
}

function previewAvatar() {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById("id_avatar"));
  const place = document.getElementById("avatar-preview");
  if (field?.type !== "file" || !place) return;
  field.addEventListener("change", () => {
    const file = field.files?.[0];
    if (!file) return;
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(image.src);
    if (place instanceof HTMLImageElement) place.replaceWith(image);
    else place.replaceChildren(image);
    image.id = place.id;
  });
}
