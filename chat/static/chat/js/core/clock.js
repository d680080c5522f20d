/**
 * The only place that reads a clock, arms a timer or draws a random number. Everything else in core/ is
 * handed one of these, so a test can let an hour pass in no time.
 *
 * @typedef {object} Clock
 * @property {() => number} now Unix milliseconds. The wall clock on purpose: a monotonic one stands still while
 *   a laptop sleeps, and then a connection that died an hour ago looks fresh.
 * @property {(callback: () => void, delayMs: number) => unknown} setTimeout
 * @property {(handle: any) => void} clearTimeout
 * @property {() => number} random In [0, 1).
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle),
  random: () => Math.random(),
};

/** One timer at a time: what is armed takes the place of what was. */
export class Deadline {
  #clock;
  /** @type {unknown} */
  #timer = null;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {number} delayMs @param {() => void} callback */
  arm(delayMs, callback) {
    this.disarm();
    this.#timer = this.#clock.setTimeout(callback, delayMs);
  }

  disarm() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
