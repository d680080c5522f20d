/**
 * A question that needs an answer before something is done.
 */

import { clone, fill } from "./page.js";

/** @param {string} question @returns {Promise<boolean>} false also when it was closed without an answer */
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
