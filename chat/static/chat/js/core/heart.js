/**
 * Both sides beat: a heartbeat when nothing was sent for an interval, death when nothing was heard for three. Whatever
 * is heard proves life, so there is no bookkeeping of questions and answers.
 *
 * @typedef {import("./clock.js").Clock} Clock
 */

/** After the network or the page came back, a live peer answers a heartbeat within this. */
export const PROBE_TIMEOUT_MS = 10_000;

export class Heart {
  #clock;
  #beat;
  #die;
  #intervalMs = 0;
  #timeoutMs = 0;
  #sentAt = 0;
  #heardAt = 0;
  /** @type {unknown} */
  #timer = null;
  /** @type {unknown} */
  #probeTimer = null;

  /**
   * @param {object} options
   * @param {Clock} options.clock
   * @param {() => void} options.beat sends a heartbeat
   * @param {(wasProbed: boolean) => void} options.die the peer is silent
   */
  constructor({ clock, beat, die }) {
    this.#clock = clock;
    this.#beat = beat;
    this.#die = die;
  }

  /** @param {{interval: number, timeout: number}} policy in seconds, as the server told it at login */
  start({ interval, timeout }) {
    this.#intervalMs = interval * 1000;
    this.#timeoutMs = (timeout || 3 * interval) * 1000;
    this.#arm();
  }

  stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#endProbe();
  }

  noteSent() {
    this.#sentAt = this.#clock.now();
  }

  noteHeard() {
    this.#heardAt = this.#clock.now();
    this.#endProbe();
  }

  /** Is it still there? Asked now, to be answered within 10 s. */
  probe() {
    if (this.#probeTimer !== null) return;
    this.#probeTimer = this.#clock.setTimeout(() => this.#die(true), PROBE_TIMEOUT_MS);
    this.#beat();
  }

  #arm() {
    const at = Math.min(this.#sentAt + this.#intervalMs, this.#heardAt + this.#timeoutMs);
    this.#timer = this.#clock.setTimeout(() => this.#onTimer(), Math.max(0, at - this.#clock.now()));
  }

  #onTimer() {
    const now = this.#clock.now();
    if (now - this.#heardAt >= this.#timeoutMs) {
      this.#die(false);
      return;
    }
    if (now - this.#sentAt >= this.#intervalMs) this.#beat();
    this.#arm();
  }

  #endProbe() {
    this.#clock.clearTimeout(this.#probeTimer);
    this.#probeTimer = null;
  }
}
