/**
 * “Edit again”: what the author has just taken back goes into the message box. The server has lost it, so it is kept in
 * this tab alone, for as long as a recall would have been possible.
 *
 * @typedef {import("./start.js").View} View
 * @typedef {{seq: number, text: string, until: number}} Kept `until` is in Unix ms.
 */

import { clone, element, slot } from "../ui/page.js";
import { seqOf } from "../ui/row_list.js";

/** More than anybody takes back in two minutes. */
const KEPT_MAX = 20;

export class Recalled {
  #view;
  #key;

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    this.#key = `recalled:${view.conversation.conversation}`;
    const { place, timeline, composer, signal } = view;
    if (!composer) return;
    place.addEventListener("lian:recalled", (event) => this.#keep(/** @type {CustomEvent} */ (event).detail), { signal });
    place.addEventListener("click", (event) => this.#refill(event), { signal });
    timeline.on("changed", () => this.#offer());
    this.#offer();
  }

  /** @param {{seq: number, text: string}} recalled */
  #keep({ seq, text }) {
    const until = Date.now() + this.#view.boot.limits.recall_s * 1000;
    const kept = [...this.#kept(), { seq, text, until }].slice(-KEPT_MAX);
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
    this.#offer();
  }

  /** @returns {Kept[]} */
  #kept() {
    const all = /** @type {Kept[]} */ (JSON.parse(sessionStorage.getItem(this.#key) ?? "[]"));
    return all.filter(({ until }) => until > Date.now());
  }

  /** Puts the button into the rows that have one, and takes it away when its time is over. */
  #offer() {
    const kept = this.#kept();
    if (kept.length > 0) sessionStorage.setItem(this.#key, JSON.stringify(kept));
    else sessionStorage.removeItem(this.#key);
    for (const row of this.#view.list.rows()) {
      if (!row.classList.contains("recalled")) continue;
      const known = kept.find(({ seq }) => seq === seqOf(row));
      const button = row.querySelector(".again");
      if (!known) button?.remove();
      else if (!button) {
        slot(row, "body")?.after(" ", clone("again"));
        setTimeout(() => !this.#view.signal.aborted && this.#offer(), known.until - Date.now());
      }
    }
  }

  /** @param {MouseEvent} event */
  #refill(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest(".again")?.closest(".row") ?? null);
    const found = row && this.#kept().find(({ seq }) => seq === seqOf(row));
    if (!found) return;
    if (document.querySelector("#composer-context.editing:not([hidden])")) this.#view.composer?.leaveMode();
    const box = /** @type {HTMLTextAreaElement} */ (element("message"));
    box.value = [box.value, found.text].filter(Boolean).join("\n");
    box.setSelectionRange(box.value.length, box.value.length);
    box.dispatchEvent(new Event("input", { bubbles: true })); // as if it was written
    box.focus({ preventScroll: true });
  }
}
