/**
 * Blocks of code: their language, a button that copies exactly what stands there, and one that shows more than 24 lines.
 * The room of the bar is kept by the style sheet, so nothing moves when it comes.
 *
 * @typedef {import("./start.js").View} View
 */

import { clone, fill, slot } from "../ui/page.js";

const LINES_SHOWN = 24;

export class Code {
  #view;

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    view.place.addEventListener("click", (event) => this.#onClick(event), { signal: view.signal });
  }

  /** @returns {(() => void)[]} the changes that are due */
  look() {
    const bare = /** @type {NodeListOf<HTMLElement>} */ (this.#view.place.querySelectorAll(".body pre"));
    return [...bare].filter((pre) => !pre.parentElement?.matches(".code")).map((pre) => () => this.#dress(pre));
  }

  /** @param {HTMLElement} pre */
  #dress(pre) {
    const box = clone("code");
    const code = pre.querySelector("code");
    const language = /\blanguage-(\S+)/.exec(code?.className ?? "")?.[1] ?? "";
    fill(box, "language", language);
    const lines = textOf(pre).split("\n").length;
    if (lines > LINES_SHOWN) fill(box, "open", this.#view.words.say("show_lines", { count: lines }));
    pre.replaceWith(box);
    box.append(pre);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-code]"));
    const box = button?.closest(".code");
    const pre = box?.querySelector("pre");
    if (!button || !box || !pre) return;
    const { actions, keeper, words } = this.#view;
    if (button.dataset.code === "copy") return void actions.copyText(textOf(pre));
    const isOpen = !box.classList.contains("open");
    keeper.change(() => {
      box.classList.toggle("open", isOpen);
      if (isOpen) box.closest(".row")?.classList.add("open");
      button.setAttribute("aria-expanded", String(isOpen));
      const lines = textOf(pre).split("\n").length;
      fill(box, "open", isOpen ? words.say("show_less") : words.say("show_lines", { count: lines }));
    });
    slot(box, "open")?.focus({ preventScroll: true });
  }
}

/** What was written between the fences: the renderer ends it with one line break. @param {HTMLElement} pre */
const textOf = (pre) => (pre.textContent ?? "").replace(/\n$/, "");
