/**
 * One sentence that must not be missed: read out at once, and shown where one is looking, for a few seconds.
 */

const SHOWN_MS = 6_000;

export class Alert {
  #place;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} place `#alert` */
  constructor(place) {
    this.#place = place;
  }

  /** @param {string} text */
  show(text) {
    clearTimeout(this.#timer);
    this.#place.textContent = text;
    this.#place.classList.remove("vh");
    this.#place.classList.add("toast");
    this.#timer = setTimeout(() => {
      this.#place.textContent = "";
      this.#place.classList.add("vh");
      this.#place.classList.remove("toast");
    }, SHOWN_MS);
  }
}
