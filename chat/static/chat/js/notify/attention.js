/**
 * Where the user looks, over all tabs of this browser: each is asked, and the one in front answers. Nothing is kept of
 * it, so a tab that crashed in front of the user silences nobody.
 *
 * @typedef {"conversation" | "elsewhere" | "nowhere"} Attention
 */

import { newId } from "../core/ids.js";
import { isWatched } from "../ui/page.js";

/** Tabs in front answer in some milliseconds. */
const ANSWER_MS = 150;

/** The conversation that this tab shows. */
export const shownConversation = () =>
  /** @type {HTMLElement | null} */ (document.querySelector("main[data-cid] #timeline"))?.closest("main")?.dataset.cid ?? "";

export class AttentionOfTabs {
  #channel;
  /** @type {Map<string, (conversation: string) => void>} by question */
  #asked = new Map();

  /** @param {string} username */
  constructor(username) {
    this.#channel = new BroadcastChannel(`attention:${username}`);
    this.#channel.addEventListener("message", ({ data }) => {
      if (data.kind === "who" && isWatched()) this.#channel.postMessage({ ...data, kind: "here", shown: shownConversation() });
      if (data.kind === "here") this.#asked.get(data.id)?.(data.shown);
    });
  }

  /** @param {string} conversation @returns {Promise<Attention>} */
  async of(conversation) {
    const seen = (/** @type {string} */ shown) => (shown === conversation ? "conversation" : "elsewhere");
    if (isWatched()) return seen(shownConversation());
    const id = newId();
    const answer = new Promise((resolve) => {
      this.#asked.set(id, resolve);
      setTimeout(() => resolve(null), ANSWER_MS);
    });
    this.#channel.postMessage({ kind: "who", id });
    const shown = await answer;
    this.#asked.delete(id);
    return shown === null ? "nowhere" : seen(shown);
  }
}
