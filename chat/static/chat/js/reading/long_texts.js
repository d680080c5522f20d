/**
 * Texts of more than 30 lines are cut by the style sheet; here they get the button that shows the rest.
 *
 * @typedef {import("./start.js").View} View
 */

import { clone } from "../ui/page.js";

/** Less text than this cannot be 30 lines high, however narrow the screen. */
const CHARS_MIN = 200;
const BREAKS_MIN = 20;

export class LongTexts {
  #view;
  /** @type {WeakSet<HTMLElement>} */
  #seen = new WeakSet();

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    view.place.addEventListener("click", (event) => this.#toggle(event), { signal: view.signal });
  }

  /** @returns {(() => void)[]} the changes that are due */
  look() {
    const fresh = this.#view.list.rows().filter((row) => !this.#seen.has(row));
    for (const row of fresh) this.#seen.add(row);
    return fresh.filter(isCut).map((row) => () => {
      row.classList.add("long");
      row.querySelector(".text")?.after(clone("more-text"));
    });
  }

  /** @param {MouseEvent} event */
  #toggle(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest(".more-text");
    const row = button?.closest(".row");
    if (!button || !row) return;
    const isOpen = !row.classList.contains("open");
    this.#view.keeper.change(() => {
      row.classList.toggle("open", isOpen);
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = this.#view.words.say(isOpen ? "show_less" : "show_more");
    });
    if (!isOpen) row.scrollIntoView({ block: "nearest" });
  }
}

/** @param {HTMLElement} row */
function isCut(row) {
  const text = row.querySelector(".text");
  if (!text || row.classList.contains("long")) return false; // it may be from an earlier visit
  const mayBe = (text.textContent ?? "").length > CHARS_MIN || text.querySelectorAll("br, p, li").length > BREAKS_MIN;
  if (!mayBe || text.scrollHeight <= text.clientHeight + 1) return false;
  // A short text may also be higher than its box for a moment, while the code in it gets its bar.
  return text.clientHeight + 1 >= parseFloat(getComputedStyle(text).maxHeight);
}
