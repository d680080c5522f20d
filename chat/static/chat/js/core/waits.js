/**
 * When the next attempt comes: after what the backoff says, and not before the server wants it.
 *
 * @typedef {import("./clock.js").Clock} Clock
 */

import { Backoff } from "./backoff.js";

/** A session this old was healthy: its end starts the backoff from the base again. */
export const HEALTHY_AFTER_MS = 60_000;
/** The close that an `error` frame announces comes within this. */
const CLOSE_FOLLOWS_MS = 5_000;

export class Waits {
  #clock;
  #backoff;
  /** What the server asked for in an `error` frame which no command of ours caused. */
  #asked = { ms: 0, at: 0 };
  #atLeastUntil = 0;

  /** When the next attempt comes (Unix ms), while there is one to wait for. */
  endsAt = 0;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
    this.#backoff = new Backoff(clock.random);
  }

  /** Whether the wait may be cut short: what the server asked for may not. */
  get mayEndNow() {
    return this.#clock.now() >= this.#atLeastUntil;
  }

  /** @param {unknown} seconds `retry_after` of an `error` that may announce a close */
  noteAsked(seconds) {
    this.#asked = { ms: (Number(seconds) || 0) * 1000, at: this.#clock.now() };
  }

  /** A new attempt begins: what was said in the one before counts no more. */
  forgetAsked() {
    this.#asked = { ms: 0, at: 0 };
  }

  /** @param {number} sinceMs how long the session lived that just ended */
  noteLived(sinceMs) {
    if (sinceMs >= HEALTHY_AFTER_MS) this.#backoff.reset();
  }

  /** @param {boolean} atOnce @returns {number} milliseconds until the next attempt */
  begin(atOnce) {
    const now = this.#clock.now();
    // An `error` that was not followed by the close had nothing to do with it.
    const askedMs = now - this.#asked.at < CLOSE_FOLLOWS_MS ? this.#asked.ms : 0;
    const delay = atOnce ? 0 : askedMs + this.#backoff.next();
    this.#atLeastUntil = now + askedMs;
    this.endsAt = now + delay;
    return delay;
  }
}
