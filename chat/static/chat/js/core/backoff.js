/**
 * How long to wait before the next attempt: full jitter, `random(0, min(cap, base · 2ⁿ))`. Full jitter and not a
 * fixed ladder, so that ten thousand clients of a restarted server do not come back in the same second.
 */

export const BACKOFF_BASE_MS = 500;
export const BACKOFF_CAP_MS = 30_000;

export class Backoff {
  #attempts = 0;
  #random;
  #baseMs;
  #capMs;

  /** @param {() => number} random In [0, 1). @param {{baseMs?: number, capMs?: number}} [range] */
  constructor(random, { baseMs = BACKOFF_BASE_MS, capMs = BACKOFF_CAP_MS } = {}) {
    this.#random = random;
    this.#baseMs = baseMs;
    this.#capMs = capMs;
  }

  /** @returns {number} milliseconds to wait before the next attempt; each call counts as one more failure */
  next() {
    // The exponent is bounded, for 2 ** 1024 is Infinity and a laptop lid stays shut for weeks.
    const ceiling = Math.min(this.#capMs, this.#baseMs * 2 ** Math.min(this.#attempts, 16));
    this.#attempts += 1;
    return this.#random() * ceiling;
  }

  /** The connection proved healthy: the next failure starts from the base again. */
  reset() {
    this.#attempts = 0;
  }
}
