/**
 * “While you were away”: one key, or the pill, goes from one unread message that mentions the reader to the next. Which
 * they are is settled when the conversation is opened, for reading it would take them away; seen is seen.
 *
 * @typedef {import("./start.js").View} View
 */

import { mentionsOf } from "../list/mentions.js";
import { element, fill, isWatched } from "../ui/page.js";

export class Mentions {
  #view;
  #jumps;
  #pill = element("jump-mention");
  /** @type {Set<number>} not seen yet */
  #left;

  /** @param {View} view @param {import("./jumps.js").Jumps} jumps */
  constructor(view, jumps) {
    this.#view = view;
    this.#jumps = jumps;
    const { client, boot, conversation, keeper, timeline, signal } = view;
    const cid = conversation.conversation;
    const known = mentionsOf(client, boot);
    this.#left = new Set(known.unread(cid));
    known.on("mentioned", (id, seq) => id === cid && this.#add(seq), signal);
    const here = (known.here = { cid, next: () => this.#next() });
    signal.addEventListener("abort", () => {
      if (known.here === here) known.here = null;
      this.#pill.hidden = true;
    });
    const go = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#next();
    };
    this.#pill.addEventListener("click", go, { signal });
    keeper.on("move", () => this.#look());
    timeline.on("changed", () => this.#look());
    addEventListener("focus", () => this.#look(), { signal });
    this.#look();
  }

  /** @param {number} seq */
  #add(seq) {
    this.#left.add(seq);
    // Its row comes after this.
    queueMicrotask(() => this.#look());
  }

  /** @returns {boolean} false when there is none left here */
  #next() {
    const seq = Math.min(...this.#left);
    if (this.#left.size === 0) return false;
    this.#left.delete(seq);
    void this.#jumps.to(seq);
    this.#draw();
    return true;
  }

  /** What half of it can be seen has been. */
  #look() {
    if (this.#left.size > 0 && isWatched()) {
      const { list, scroller } = this.#view;
      const view = scroller.getBoundingClientRect();
      for (const seq of this.#left) {
        const box = list.bySeq(seq)?.getBoundingClientRect();
        const middle = box && box.top + Math.min(box.height, view.height) / 2;
        if (middle && middle > view.top && middle < view.bottom) this.#left.delete(seq);
      }
    }
    this.#draw();
  }

  #draw() {
    const count = this.#left.size;
    this.#pill.hidden = count === 0;
    if (count === 0) return;
    fill(this.#pill, "count", String(count));
    this.#pill.setAttribute("aria-label", this.#view.words.say("mentions_left", { count }));
  }
}
