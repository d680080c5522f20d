/**
 * Who signs out leaves nothing behind on this computer: no drafts, no outbox, and nothing that was kept for the time
 * without a network. What is not sent yet is asked about.
 */

import { openOutboxStorage, outboxNameOf } from "../core/outbox_storage.js";
import { ask } from "./dialog.js";
import { Drafts } from "./drafts.js";

/** @param {string} username @param {import("./text.js").Words} words */
export function forgetOnSignOut(username, words) {
  for (const form of document.querySelectorAll("form[data-sign-out]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      // Whatever goes wrong here, who wants to leave must be able to.
      const leaving = forget(username, words).catch((error) => (console.error(error), true));
      // `submit()` and not `requestSubmit()`: the question has been answered.
      void leaving.then((isDone) => isDone && /** @type {HTMLFormElement} */ (form).submit());
    });
  }
}

/** @param {string} username @param {import("./text.js").Words} words @returns {Promise<boolean>} false: the user stays */
async function forget(username, words) {
  const outboxName = outboxNameOf(username);
  const unsent = await (await openOutboxStorage(outboxName)).all();
  if (unsent.length > 0 && !(await ask(words.say("sign_out_unsent", { count: unsent.length })))) return false;
  new Drafts(username).forgetAll();
  for (const kept of ["emoji", "synced"]) localStorage.removeItem(`${kept}:${username}`);
  sessionStorage.clear();
  globalThis.indexedDB?.deleteDatabase(outboxName);
  await (await import("../offline/kept.js")).forgetKept();
  (await import("../offline/leaving.js")).tellLeaving(username);
  return true;
}
