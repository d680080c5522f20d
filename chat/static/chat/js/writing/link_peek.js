/**
 * What a link to a message of this site leads to, while it is in the message box: who said what, and where. The server
 * says so to those who may read it, and nothing to others.
 */

import { clone, fill } from "../ui/page.js";

const ASK_AFTER_MS = 300;

export class LinkPeek {
  #view;
  #box;
  #links;
  #place = clone("peek");
  /** The link that is shown, looked for, or was closed. */
  #link = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import("./start.js").View} view @param {import("../ui/composer.js").Composer} composer */
  constructor(view, composer) {
    const { boot, signal } = view;
    this.#view = view;
    this.#box = composer.box;
    this.#links = permalinks(location.origin + boot.urls.permalink);
    this.#place.hidden = true;
    this.#box.form?.append(this.#place);
    this.#place.querySelector("button")?.addEventListener("click", () => {
      this.#place.hidden = true;
      composer.focus();
    });
    const look = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), ASK_AFTER_MS);
    };
    this.#box.addEventListener("input", look, { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#place.remove();
    });
    this.#look();
  }

  #look() {
    const found = this.#links.exec(this.#box.value);
    const link = found?.[0] ?? "";
    if (link === this.#link) return;
    this.#link = link;
    this.#place.hidden = true;
    if (found) this.#ask(found[1], found[2]).catch(() => {}); // offline: the link says enough
  }

  /** @param {string} conversation @param {string} seq */
  async #ask(conversation, seq) {
    const link = this.#link;
    const query = new URLSearchParams({ c: conversation, m: seq });
    const answer = await fetch(`${this.#view.boot.urls.peek}?${query}`, {
      headers: { Accept: "application/json" },
      signal: this.#view.signal,
    });
    const seen = answer.ok ? await answer.json() : {};
    if (link !== this.#link || !seen.name) return;
    fill(this.#place, "title", `${seen.name} · ${seen.title}`);
    fill(this.#place, "text", seen.text);
    this.#place.hidden = false;
  }
}

/** @param {string} pattern an address with {cid} and {seq} */
function permalinks(pattern) {
  const escaped = pattern.replace(/[.?+*()[\]\\^$|]/g, "\\$&");
  return new RegExp(escaped.replace("{cid}", "([0-9]+)").replace("{seq}", "([0-9]+)"));
}
