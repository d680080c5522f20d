/** Pinning a message, and taking it down: by REST, and the change comes back like everybody's. */

import { csrfToken } from "../ui/page.js";

/** The codes that have words of their own. */
const WORDS = /** @type {Record<string, string>} */ ({ too_large: "pin_full", forbidden: "pin_forbidden" });

/**
 * @param {import("./start.js").View} view
 * @param {number} seq
 * @param {boolean} pinned
 */
export async function pinMessage({ boot, conversation: { conversation }, words, alert }, seq, pinned) {
  const url = `${boot.api}conversations/${encodeURIComponent(conversation)}/messages/${seq}/pin/`;
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  try {
    const answer = await fetch(url, { method: pinned ? "PUT" : "DELETE", headers });
    if (answer.ok) return;
    const { error } = await answer.json();
    alert.show(words.say(WORDS[error.code] ?? "action_failed", { detail: error.detail }));
  } catch {
    alert.show(words.say("action_offline"));
  }
}
