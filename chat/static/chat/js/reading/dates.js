/**
 * From day to day: the chip of the day that is being read opens a date input, and the day that is chosen is shown from
 * its beginning. What is not there is said in the server's words.
 *
 * @typedef {import("./start.js").View} View
 */

import { openSheet } from "./sheet.js";

/** Room for the chip of the day, which sticks to the top. */
const CHIP_PX = 44;

export class Dates {
  #view;
  #jumps;

  /** @param {View} view @param {import("./jumps.js").Jumps} jumps */
  constructor(view, jumps) {
    this.#view = view;
    this.#jumps = jumps;
    view.place.addEventListener("click", (event) => void this.#choose(event), { signal: view.signal });
  }

  /** @param {MouseEvent} event */
  async #choose(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest('[data-slot="day-link"]'));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const dialog = await openSheet(link.href, this.#view);
    const form = dialog?.querySelector("form");
    const input = form?.querySelector("input");
    if (!dialog || !form || !input) return;
    form.addEventListener("submit", (submit) => {
      submit.preventDefault();
      dialog.close();
      void this.#goTo(input.value);
    });
    // On a touch screen the calendar is what was asked for; elsewhere the day may be typed, too.
    if (!matchMedia("(pointer: coarse)").matches) return;
    try {
      input.showPicker();
    } catch {
      input.focus(); // a browser that wants another tap
    }
  }

  /** @param {string} date as 2026-11-01 */
  async #goTo(date) {
    const { history, keeper, list, alert, words } = this.#view;
    await this.#jumps.run(async () => {
      const page = await history.open({ date });
      if (!page) {
        alert.show(words.say("action_offline"));
        return null;
      }
      if (page.notice) alert.show(page.notice);
      const row = page.begins ? list.bySeq(page.begins) : null;
      if (row) keeper.show(row, CHIP_PX / keeper.viewHeight);
      else keeper.toEnd();
      return row ?? list.rows().at(-1) ?? null;
    });
  }
}
