/**
 * Three or more system lines in a row are behind one line that says how many. The server draws them so; here runs that
 * grow, join and part while one looks are kept so. What the reader has unfolded stays unfolded.
 *
 * @typedef {import("./start.js").View} View
 */

import { clone, fill } from "../ui/page.js";

/** As in chat/web/rows.py. */
const FOLD_FROM = 3;

export class Folds {
  #view;
  /** @type {Set<string>} numbers of rows that were unfolded */
  #unfolded = new Set();

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    view.place.addEventListener("click", (event) => this.#toggle(event), { signal: view.signal });
  }

  /** @returns {(() => void)[]} the changes that are due */
  look() {
    return this.#isRight() ? [] : [() => this.#fold()];
  }

  #isRight() {
    const due = this.#runs().filter((run) => run.length >= FOLD_FROM);
    const lines = [...this.#view.place.querySelectorAll(":scope > .fold")];
    if (lines.length !== due.length) return false;
    return due.every((run, index) => {
      const isNext = lines[index].nextElementSibling === run[0];
      const button = lines[index].querySelector("button");
      const isOpen = this.#isOpen(run);
      const isShown = run.every((row) => row.classList.contains("folded") !== isOpen);
      return isNext && isShown && button?.dataset.count === String(run.length);
    });
  }

  #fold() {
    const { place, words } = this.#view;
    for (const line of place.querySelectorAll(":scope > .fold")) line.remove();
    for (const row of place.querySelectorAll(":scope > .folded")) row.classList.remove("folded");
    for (const run of this.#runs()) {
      if (run.length < FOLD_FROM) continue;
      const line = clone("fold");
      const button = /** @type {HTMLButtonElement} */ (line.querySelector("button"));
      const isOpen = this.#isOpen(run);
      button.dataset.count = String(run.length);
      button.setAttribute("aria-expanded", String(isOpen));
      fill(line, "text", words.say("system_changes", { count: run.length }));
      run[0].before(line);
      for (const row of run) row.classList.toggle("folded", !isOpen);
    }
  }

  /** System lines that stand together; a line of the day or of the unread parts them. @returns {HTMLElement[][]} */
  #runs() {
    /** @type {HTMLElement[][]} */
    const runs = [];
    /** @type {HTMLElement[] | null} */
    let run = null;
    for (const each of this.#view.place.children) {
      if (each.classList.contains("fold")) continue;
      if (!each.classList.contains("system")) run = null;
      else if (run) run.push(/** @type {HTMLElement} */ (each));
      else runs.push((run = [/** @type {HTMLElement} */ (each)]));
    }
    return runs;
  }

  /** Also when it is the reader who would lose the line that is at the top of the view. @param {HTMLElement[]} run */
  #isOpen(run) {
    const { keeper } = this.#view;
    const anchor = keeper.isAtEnd ? null : keeper.anchorRow;
    return run.some((row) => this.#unfolded.has(row.dataset.mid ?? "") || (row === anchor && !row.classList.contains("folded")));
  }

  /** @param {MouseEvent} event */
  #toggle(event) {
    const line = /** @type {HTMLElement} */ (event.target).closest(".fold");
    const run = line && this.#runs().find((each) => each[0] === line.nextElementSibling);
    if (!run) return;
    const isOpen = this.#isOpen(run);
    for (const { dataset } of run) {
      if (isOpen) this.#unfolded.delete(dataset.mid ?? "");
      else this.#unfolded.add(dataset.mid ?? "");
    }
    this.#view.keeper.change(() => this.#fold());
    const first = run[0].previousElementSibling;
    /** @type {HTMLElement | null | undefined} */ (first?.querySelector("button"))?.focus({ preventScroll: true });
  }
}
