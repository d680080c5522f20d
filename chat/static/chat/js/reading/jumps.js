/**
 * From where one reads to another message, and back to the same pixel: by a quote, a mention or a date. The way back is
 * a chip, which goes when it is used, with Escape, or when the reader has scrolled back.
 *
 * @typedef {import("./start.js").View} View
 * @typedef {{seq: number, top: number, isAtEnd: boolean}} Place a row, and how far below the top of the view it is, in pixels
 */

import { isComposing } from "../ui/ime.js";
import { element } from "../ui/page.js";
import { seqOf } from "../ui/row_list.js";

/** Rows that are fetched for the way back may come in two pages: the second may take so long. */
const SETTLING_MS = 2_000;
/** What Escape closes first. */
const OPEN =
  "dialog[open], [role=dialog], .menu, #timeline.selecting, #composer-context:not([hidden]), #message[aria-expanded=true]";
/** Closer than this to where they were, nobody needs a way back. */
const SAME_PX = 4;

export class Jumps {
  #view;
  #chip = element("jump-back");
  /** @type {Place | null} */
  #origin = null;
  /** @type {HTMLElement | null} what had the focus there */
  #focused = null;
  /** The reader has been away from it: from then on, coming near again is coming back. */
  #wasAway = false;

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    const { place, keeper, signal } = view;
    place.addEventListener("click", (event) => this.#followQuote(event), { signal });
    this.#chip.addEventListener("click", () => void this.back(), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal, capture: true });
    keeper.on("move", () => this.#look());
    signal.addEventListener("abort", () => this.dismiss());
  }

  /** Shows a message in the middle. @param {number} seq @returns {Promise<boolean>} false when it could not be had */
  async to(seq) {
    return this.run(async () => {
      const row = await this.#view.history.find(seq);
      if (row) this.#view.keeper.show(row, 0.5);
      return row;
    });
  }

  /**
   * Remembers where the reader is, moves, and marks the row that was meant.
   *
   * @param {() => Promise<HTMLElement | null>} move
   * @returns {Promise<boolean>} false when there was no such row
   */
  async run(move) {
    const origin = this.#origin ?? this.#here();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const row = await move();
    if (!row || this.#view.signal.aborted) return false;
    this.#mark(row);
    if (!this.#origin && !this.#isAt(origin, SAME_PX)) {
      this.#origin = origin;
      this.#focused = focused;
      this.#wasAway = false;
      this.#chip.hidden = false;
      this.#look();
    }
    return true;
  }

  async back() {
    const origin = this.#origin;
    const focused = this.#focused;
    this.dismiss();
    if (!origin) return;
    const { history, keeper, signal } = this.#view;
    if (origin.isAtEnd) await history.toLatest();
    else {
      const row = await history.find(origin.seq);
      if (!row || signal.aborted) return;
      keeper.restore(row, origin.top);
      // On a high screen the rows around it do not fill the view; the next page does.
      const again = () => keeper.restore(/** @type {HTMLElement} */ (this.#view.list.bySeq(origin.seq) ?? row), origin.top);
      if (!this.#isAt(origin, 1)) history.on("loaded", again, AbortSignal.any([signal, AbortSignal.timeout(SETTLING_MS)]));
    }
    const bubble = this.#view.list.bySeq(origin.seq)?.querySelector(".bubble");
    const target = focused?.isConnected && focused !== document.body ? focused : bubble;
    /** @type {HTMLElement | null | undefined} */ (target)?.focus({ preventScroll: true });
  }

  dismiss() {
    this.#origin = null;
    this.#focused = null;
    this.#chip.hidden = true;
  }

  /** @param {MouseEvent} event */
  #followQuote(event) {
    const quote = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-mid-ref]"));
    if (!quote || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void this.to(Number(quote.dataset.midRef));
  }

  /** After what is open has had it, and before the message box takes it as the wish to see the end. @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event) || event.key !== "Escape" || !this.#origin) return;
    if (document.querySelector(OPEN)) return;
    event.preventDefault();
    event.stopPropagation();
    this.dismiss();
  }

  /** @returns {Place} */
  #here() {
    const { keeper, history } = this.#view;
    const position = keeper.position();
    const seq = position ? seqOf(position.row) : 0;
    const isAtEnd = !seq && !history.isDetached;
    return { seq, top: position?.top ?? 0, isAtEnd };
  }

  /** @param {Place} origin @param {number} near in pixels */
  #isAt(origin, near) {
    const { keeper, history, list } = this.#view;
    if (origin.isAtEnd) return !history.isDetached && keeper.distanceToEnd <= near;
    const row = list.bySeq(origin.seq);
    return row !== null && Math.abs(row.getBoundingClientRect().top - keeper.viewTop - origin.top) <= near;
  }

  #look() {
    if (!this.#origin) return;
    if (!this.#isAt(this.#origin, this.#view.keeper.viewHeight / 2)) this.#wasAway = true;
    else if (this.#wasAway) this.dismiss();
  }

  /** @param {HTMLElement} row */
  #mark(row) {
    this.#view.place.querySelector(".row.target")?.classList.remove("target", "flash");
    row.classList.add("target", "flash");
    row.addEventListener("animationend", () => row.classList.remove("flash"), { once: true });
    /** @type {HTMLElement | null} */ (row.querySelector(".bubble"))?.focus({ preventScroll: true });
  }
}
