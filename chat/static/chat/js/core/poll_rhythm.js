/**
 * How often to poll and how long the server may hold it: at once when something was asked, held while somebody looks,
 * now and then when nobody does. Each of these is bounded, whatever the server answers.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {{waitS: number, beganAt: number, controller: AbortController, isInterrupted: boolean}} Turn One poll.
 */

import { Backoff } from "./backoff.js";

/** Shorter than the minute after which some proxies give up on an answer. */
export const WAIT_S = 25;
/** A burst of messages comes with one answer instead of many; nobody sees a fifth of a second. */
export const GAP_MS = 200;
/**
 * A hidden tab asks this seldom, and lets nothing be held: a browser keeps six connections to a host for all of its tabs
 * together, and a device may have four polls open.
 */
export const HIDDEN_EVERY_MS = 30_000;
/** For a server that will not hold a poll (WSGI, one that is draining): it is asked as seldom as this, at last. */
const NOT_HELD = { baseMs: 2_000, capMs: 30_000 };

export class PollRhythm {
  #clock;
  #isHidden;
  #notHeld;
  /** @type {Turn | null} */
  #turn = null;
  #isUrgent = false;
  #endRest = () => {};

  /** @param {Clock} clock @param {() => boolean} isHidden */
  constructor(clock, isHidden) {
    this.#clock = clock;
    this.#isHidden = isHidden;
    this.#notHeld = new Backoff(clock.random, NOT_HELD);
  }

  /** @param {boolean} isAsked whether somebody waits for the answer itself @returns {Turn} */
  begin(isAsked) {
    const waitS = isAsked || this.#isUrgent || this.#isHidden() ? 0 : WAIT_S;
    this.#isUrgent = false;
    const beganAt = this.#clock.now();
    this.#turn = { waitS, beganAt, controller: new AbortController(), isInterrupted: false };
    return this.#turn;
  }

  /** Whatever is held or waited for: ask now. */
  interrupt() {
    this.#isUrgent = true;
    this.#endRest();
    if (!this.#turn) return;
    this.#turn.isInterrupted = true;
    this.#turn.controller.abort();
  }

  /** Until the next turn. @param {Turn} turn that was answered @param {boolean} hadNews @returns {Promise<void>} */
  async rest(turn, hadNews) {
    const delayMs = this.#delayMs(turn, hadNews);
    if (this.#isUrgent || delayMs === 0) return;
    await new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(undefined), delayMs);
      this.#endRest = () => {
        this.#clock.clearTimeout(timer);
        resolve(undefined);
      };
    });
    this.#endRest = () => {};
  }

  /** @param {Turn} turn @param {boolean} hadNews */
  #delayMs({ waitS, beganAt }, hadNews) {
    const wasHeld = waitS > 0 && this.#clock.now() - beganAt >= (waitS * 1000) / 2;
    if (hadNews || wasHeld) this.#notHeld.reset();
    if (this.#isHidden()) return HIDDEN_EVERY_MS;
    if (hadNews) return GAP_MS;
    return waitS === 0 || wasHeld ? 0 : this.#notHeld.next();
  }
}
