/**
 * All emoji to choose from: by category, by a search in English, Chinese and pinyin, and those of late. A dialog from
 * `<template id="emoji-picker">`; the arrow keys move in the grid, Enter and Space choose, Esc gives the focus back.
 *
 * @typedef {import("./emoji.js").Emoji} Emoji
 * @typedef {import("./emoji.js").Group} Group
 */

import { isComposing } from "../ui/ime.js";
import { clone, slot } from "../ui/page.js";
import { findEmoji, loadEmoji, withTone } from "./emoji.js";

/** As wide as the style sheet makes the grid. */
const COLUMNS = 8;
/** More than anybody looks through. */
const FOUND_MAX = 96;
const GAP_PX = 8;
const RECENT = "recent";

/** @type {EmojiPicker | null} one at a time */
let opened = null;

export class EmojiPicker {
  #parts;
  #dialog = clone("emoji-picker");
  #search = /** @type {HTMLInputElement} */ (this.#dialog.querySelector("input"));
  #tone = /** @type {HTMLSelectElement} */ (this.#dialog.querySelector("select"));
  #grid = /** @type {HTMLElement} */ (slot(this.#dialog, "grid"));
  /** @type {Group[]} */
  #groups = [];
  #category = "";
  #closing = new AbortController();

  /**
   * @param {object} parts
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("./emoji_habits.js").EmojiHabits} parts.habits
   * @param {DOMRect} parts.at It opens beside this.
   * @param {(emoji: string) => void} parts.onChoice
   * @param {() => void} parts.onClose Gives the focus back.
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @throws without a network, when the emoji were never loaded */
  async open() {
    this.#groups = await loadEmoji(this.#parts.boot);
    opened?.close();
    opened = this;
    const { recent, tone } = this.#parts.habits.read();
    this.#tone.value = String(tone);
    document.body.append(this.#dialog);
    this.#listen();
    this.#show(recent.length > 0 ? RECENT : this.#groups[0].key);
    this.#place();
    this.#search.focus({ preventScroll: true });
  }

  /** @param {boolean} [returnFocus] */
  close(returnFocus = false) {
    if (opened !== this) return;
    opened = null;
    this.#closing.abort();
    this.#dialog.remove();
    if (returnFocus) this.#parts.onClose();
  }

  #listen() {
    const { signal } = this.#closing;
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.#search.addEventListener("input", () => this.#look());
    this.#tone.addEventListener("change", () => {
      this.#parts.habits.keepTone(Number(this.#tone.value));
      this.#look();
    });
    this.#dialog.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const cell = /** @type {HTMLElement | null} */ (target.closest("[role=gridcell]"));
      const tab = /** @type {HTMLElement | null} */ (target.closest("[data-group]"));
      if (cell) this.#choose(cell.textContent ?? "");
      else if (tab) this.#show(tab.dataset.group ?? "");
    });
    const closeOutside = (/** @type {Event} */ event) => {
      if (!this.#dialog.contains(/** @type {Node} */ (event.target))) this.close();
    };
    document.addEventListener("pointerdown", closeOutside, { signal, capture: true });
    addEventListener("resize", () => this.#place(), { signal });
  }

  /** Beside its button, and wholly in view. */
  #place() {
    const { width, height } = this.#dialog.getBoundingClientRect();
    const { left, right, top, bottom } = this.#parts.at;
    const beside = left > innerWidth / 2 ? right - width : left;
    const above = top - height - GAP_PX;
    const below = Math.max(GAP_PX, Math.min(bottom + GAP_PX, innerHeight - height - GAP_PX));
    this.#dialog.style.left = `${Math.max(GAP_PX, Math.min(beside, innerWidth - width - GAP_PX))}px`;
    this.#dialog.style.top = `${above >= GAP_PX ? above : below}px`;
  }

  #look() {
    const typed = this.#search.value;
    if (typed.trim() === "") this.#show(this.#category);
    else this.#draw(findEmoji(typed, this.#groups, FOUND_MAX).map((each) => this.#entry(each)));
  }

  /** @param {string} category */
  #show(category) {
    this.#category = category;
    this.#search.value = "";
    for (const tab of this.#tabs()) {
      const isChosen = tab.dataset.group === category;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) this.#grid.setAttribute("aria-label", tab.getAttribute("aria-label") ?? "");
    }
    const group = this.#groups.find(({ key }) => key === category);
    this.#draw(group ? group.emoji.map((each) => this.#entry(each)) : this.#recent());
  }

  /** @param {Emoji} emoji */
  #entry(emoji) {
    return { text: withTone(emoji, Number(this.#tone.value)), name: emoji.name };
  }

  #recent() {
    const names = new Map();
    for (const { emoji } of this.#groups) {
      for (const each of emoji) {
        for (let tone = 0; tone <= (each.isToned ? 5 : 0); tone += 1) names.set(withTone(each, tone), each.name);
      }
    }
    return this.#parts.habits.read().recent.map((text) => ({ text, name: names.get(text) ?? text }));
  }

  /** @param {{text: string, name: string}[]} entries */
  #draw(entries) {
    const rows = [];
    for (let start = 0; start < entries.length; start += COLUMNS) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      row.append(...entries.slice(start, start + COLUMNS).map(drawCell));
      rows.push(row);
    }
    this.#grid.replaceChildren(...rows);
    this.#grid.hidden = rows.length === 0;
    this.#grid.scrollTop = 0;
    const first = this.#cells()[0];
    if (first) first.tabIndex = 0;
    const none = slot(this.#dialog, "none");
    if (none) none.hidden = rows.length > 0;
  }

  /** @param {string} text */
  #choose(text) {
    this.#parts.habits.note(text);
    this.close(true);
    this.#parts.onChoice(text);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    const target = /** @type {HTMLElement} */ (event.target);
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.close(true);
    } else if (target === this.#search) this.#onSearchKey(event);
    else if (target.role === "gridcell") this.#onGridKey(event, target);
    else if (target.role === "tab") this.#onTabKey(event, target);
    if (event.key === "Tab") this.#keepFocus(event);
  }

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    const [first] = this.#cells();
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "ArrowDown") first?.focus();
    else if (first && this.#search.value.trim() !== "") this.#choose(first.textContent ?? "");
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} cell */
  #onGridKey(event, cell) {
    const cells = this.#cells();
    const index = cells.indexOf(cell);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index - COLUMNS,
      ArrowDown: Math.min(index + COLUMNS, Math.max(index, cells.length - 1)),
      Home: event.ctrlKey ? 0 : index - (index % COLUMNS),
      End: event.ctrlKey ? cells.length - 1 : Math.min(index - (index % COLUMNS) + COLUMNS, cells.length) - 1,
      PageUp: Math.max(0, index - 5 * COLUMNS),
      PageDown: Math.min(cells.length - 1, index + 5 * COLUMNS),
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const next = moves[event.key];
    if (next < 0) this.#search.focus();
    else if (next < cells.length) moveFocus(cell, cells[next]);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} tab */
  #onTabKey(event, tab) {
    const tabs = this.#tabs();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    this.#show(next.dataset.group ?? "");
    next.focus();
  }

  /** Nothing behind it can be reached while it is open. @param {KeyboardEvent} event */
  #keepFocus(event) {
    const stops = /** @type {HTMLElement[]} */ (
      [...this.#dialog.querySelectorAll("input, select, [tabindex='0']")]
    );
    const end = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement !== end) return;
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
  }

  #cells() {
    return /** @type {HTMLElement[]} */ ([...this.#grid.querySelectorAll("[role=gridcell]")]);
  }

  #tabs() {
    return /** @type {HTMLElement[]} */ ([...this.#dialog.querySelectorAll("[data-group]")]);
  }
}

/** @param {{text: string, name: string}} entry */
function drawCell({ text, name }) {
  const cell = document.createElement("button");
  Object.assign(cell, { type: "button", className: "emoji", role: "gridcell", tabIndex: -1 });
  Object.assign(cell, { textContent: text, title: name });
  cell.setAttribute("aria-label", name);
  return cell;
}

/** @param {HTMLElement} from @param {HTMLElement} to */
function moveFocus(from, to) {
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
