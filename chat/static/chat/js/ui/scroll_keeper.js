/**
 * The reader's eyes never move unless the reader scrolls (UX §3.2).
 *
 * Whoever changes rows does it in `change`: all in one task, between two readings of one row's position. At the end of
 * the conversation the end is what stays in view; anywhere else it is the first row that can be seen. Growth that comes
 * later by itself (a picture, a font) is seen by a ResizeObserver and corrected in the same way.
 */

import { Emitter } from "../core/emitter.js";

/** Closer to the end than this, the reader is at the end. */
const AT_END_PX = 100;

/** @extends {Emitter<{move: []}>} */
export class ScrollKeeper extends Emitter {
  #scroller;
  #list;
  #isAtEnd = true;
  /** Where the scroller was when last looked at: only when it moved did the reader leave the end, not when rows grew. */
  #lastTop = -1;
  /** @type {{row: HTMLElement, top: number} | null} the row that is to stay where it is, and where that is */
  #anchor = null;

  /** @param {HTMLElement} scroller @param {HTMLElement} list @param {AbortSignal} signal ends it */
  constructor(scroller, list, signal) {
    super();
    this.#scroller = scroller;
    this.#list = list;
    scroller.addEventListener("scroll", () => this.#note(), { passive: true, signal });
    const observer = new ResizeObserver(() => this.#correct());
    observer.observe(list);
    observer.observe(scroller);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  get distanceToEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  get distanceToTop() {
    return this.#scroller.scrollTop;
  }

  /** In the coordinates of `getBoundingClientRect`. */
  get viewTop() {
    return this.#scroller.getBoundingClientRect().top;
  }

  get viewHeight() {
    return this.#scroller.clientHeight;
  }

  /** The row at the top of the view. */
  get anchorRow() {
    return this.#anchor?.row ?? null;
  }

  /** @param {() => void} mutate changes rows, and does nothing that waits */
  change(mutate) {
    if (this.#isHidden()) {
      mutate();
      return;
    }
    this.#note();
    mutate();
    this.#correct();
  }

  toEnd() {
    this.#isAtEnd = true;
    this.#correct();
  }

  /** Brings an element to a height of the view: 0 is its top, 0.5 the middle. @param {HTMLElement} element @param {number} height */
  show(element, height) {
    const view = this.#scroller.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const room = height === 0.5 ? (view.height - box.height) / 2 : view.height * height;
    this.#isAtEnd = false;
    this.#scroller.scrollTop += box.top - view.top - Math.max(0, room);
    this.#note();
  }

  /** Puts a row where it was: so many pixels below the top of the view. @param {HTMLElement} row @param {number} top */
  restore(row, top) {
    this.#isAtEnd = false;
    this.#anchor = { row, top };
    this.#correct();
  }

  /** @returns {{row: HTMLElement, top: number} | null} what `restore` takes; null at the end */
  position() {
    return this.#isAtEnd ? null : this.#anchor;
  }

  #isHidden() {
    return this.#scroller.clientHeight === 0;
  }

  #note() {
    if (this.#isHidden()) return;
    if (this.#scroller.scrollTop !== this.#lastTop) this.#isAtEnd = this.distanceToEnd <= AT_END_PX;
    this.#lastTop = this.#scroller.scrollTop;
    const row = this.#firstVisible();
    this.#anchor = row && { row, top: this.#topOf(row) };
    this.emit("move");
  }

  #correct() {
    if (this.#isHidden()) return;
    if (this.#isAtEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (this.#anchor) {
      const row = this.#current(this.#anchor.row);
      if (row) this.#scroller.scrollTop += this.#topOf(row) - this.#anchor.top;
    }
    this.#note();
  }

  /** The anchor itself, or the row that has replaced it. @param {HTMLElement} row */
  #current(row) {
    if (row.isConnected) return row;
    const { mid, clientId } = row.dataset;
    const selector = mid ? `[data-mid="${mid}"]` : `[data-client-id="${CSS.escape(clientId ?? "")}"]`;
    return /** @type {HTMLElement | null} */ (this.#list.querySelector(selector));
  }

  /** @param {HTMLElement} row */
  #topOf(row) {
    return row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }

  /** The first row whose bottom is below the top of the view; rows are in order, so it is found by halving. */
  #firstVisible() {
    const { children } = this.#list;
    const top = this.#scroller.getBoundingClientRect().top;
    let low = 0;
    let high = children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (children[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    // Lines come and go with their rows; a row is what can be found again.
    let found = children[low];
    while (found && !found.classList.contains("row")) found = /** @type {Element} */ (found.nextElementSibling);
    return /** @type {HTMLElement | null} */ (found ?? null);
  }
}
