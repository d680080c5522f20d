/**
 * Where the reader was and what is new: the unread line, which stays where it is until the reader leaves, and the two
 * pills that lead to it and to the end.
 *
 * @typedef {import("../core/frames.js").Message} Message
 */

import { clone, element, isWatched, slot } from "./page.js";
import { seqOf } from "./row_list.js";

const LINE_AT = 0.25;

export class Marks {
  #list;
  #keeper;
  #history;
  #words;
  #latest = element("jump-latest");
  #unread = element("jump-unread");
  /** Others' messages that arrived while the end was out of sight. */
  #newBelow = 0;
  #isQueued = false;

  /**
   * @param {object} parts
   * @param {import("./row_list.js").RowList} parts.list
   * @param {import("./scroll_keeper.js").ScrollKeeper} parts.keeper
   * @param {import("./history.js").History} parts.history
   * @param {import("./timeline.js").Timeline} parts.timeline
   * @param {import("./text.js").Words} parts.words
   * @param {AbortSignal} parts.signal
   * @param {number | null} firstUnread
   * @param {string} me
   */
  constructor({ list, keeper, history, timeline, words, signal }, firstUnread, me) {
    this.#list = list;
    this.#keeper = keeper;
    this.#history = history;
    this.#words = words;
    const line = this.#line();
    if (line && firstUnread) line.dataset.seq = String(firstUnread);
    else if (firstUnread) this.#putLine(firstUnread);
    timeline.on("arrived", (message) => message.sender !== me && this.#onArrived(message));
    timeline.on("changed", () => this.#draw());
    keeper.on("move", () => this.#draw());
    const go = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (event.currentTarget === this.#latest) void history.toLatest();
      else this.toUnread();
    };
    for (const pill of [this.#latest, this.#unread]) pill.addEventListener("click", go, { signal });
  }

  /** Brings the unread line to a quarter of the view. @returns {boolean} false when there is none */
  toUnread() {
    const line = this.#line();
    if (line) this.#keeper.show(line, LINE_AT);
    return line !== null;
  }

  /** The reader is done with what was new: the line goes, and the end comes. */
  dismiss() {
    const line = this.#line();
    if (line) this.#keeper.change(() => this.#list.removeLine(line));
    void this.#history.toLatest();
  }

  #line() {
    return document.getElementById("unread-line");
  }

  /** @param {Message} message */
  #onArrived(message) {
    if (!this.#keeper.isAtEnd || this.#history.isDetached) this.#newBelow += 1;
    if (isWatched() || this.#line()) return;
    // The row is put in after this; the line belongs above it.
    queueMicrotask(() => this.#putLine(message.seq));
  }

  /** Above this message, if it is in the page. @param {number} seq */
  #putLine(seq) {
    const row = this.#list.bySeq(seq);
    if (!row || this.#line()) return;
    const line = clone("unread");
    line.id = "unread-line";
    line.dataset.seq = String(seq);
    this.#keeper.change(() => this.#list.putLineBefore(line, row));
  }

  /** Once per frame: this follows every step of a scroll. */
  #draw() {
    if (this.#isQueued) return;
    this.#isQueued = true;
    requestAnimationFrame(() => {
      this.#isQueued = false;
      this.#drawLatest();
      this.#drawUnread();
    });
  }

  #drawLatest() {
    const isAtEnd = this.#keeper.isAtEnd && !this.#history.isDetached;
    if (isAtEnd) this.#newBelow = 0;
    const isFar = this.#history.isDetached || this.#keeper.distanceToEnd > this.#keeper.viewHeight;
    this.#pill(this.#latest, !isAtEnd && (isFar || this.#newBelow > 0), this.#newBelow, "latest_count");
  }

  #drawUnread() {
    const line = this.#line();
    const top = this.#keeper.viewTop;
    let count = 0;
    if (line && line.getBoundingClientRect().bottom < top) {
      for (const row of this.#list.rows()) {
        if (seqOf(row) < Number(line.dataset.seq) || row.classList.contains("own")) continue;
        if (row.getBoundingClientRect().bottom >= top) break;
        count += 1;
      }
    }
    this.#pill(this.#unread, count > 0, count, "new_above");
  }

  /** @param {HTMLElement} pill @param {boolean} isShown @param {number} count @param {string} key */
  #pill(pill, isShown, count, key) {
    pill.hidden = !isShown;
    const number = slot(pill, "count");
    if (!isShown || number?.textContent === String(count)) return;
    if (number) {
      number.textContent = String(count);
      number.hidden = count === 0;
    }
    if (count > 0) pill.setAttribute("aria-label", this.#words.say(key, { count }));
  }
}
