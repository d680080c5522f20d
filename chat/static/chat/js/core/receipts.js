/**
 * Tells the server what was read and what was received, and no more often than it needs to know.
 *
 * Both only grow, and nothing answers them. So what was said shortly before a connection was lost is said again after
 * the next login, and for a moment after a `read` the server's older word about it is known to have crossed ours.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./frames.js").Frame} Frame
 */

export const READ_EVERY_MS = 300;
/** At most this many at once: after a long absence there may be hundreds, and the server allows 30 frames a second. */
const FRAMES_PER_FLUSH = 8;
/** A server that is alive has processed a frame within this. */
const CROSSING_MS = 5_000;
/** Said within this before a loss, it may not have arrived: the three intervals of silence that a loss may take. */
const DOUBTFUL_MS = 90_000;

/** @typedef {"read" | "received"} Kind */

export class Receipts {
  #clock;
  #send;
  /** @type {Map<string, number>} "kind conversation" to the seq that is still to be said */
  #due = new Map();
  /** @type {Map<string, {seq: number, at: number}>} what was said last */
  #said = new Map();
  /** @type {unknown} */
  #timer = null;
  #nextAt = 0;

  /** @param {{clock: Clock, send: (...frames: Frame[]) => boolean}} options */
  constructor({ clock, send }) {
    this.#clock = clock;
    this.#send = send;
  }

  /** @param {Kind} kind @param {string} conversation @param {number} seq */
  say(kind, conversation, seq) {
    const key = `${kind} ${conversation}`;
    const known = Math.max(this.#due.get(key) ?? 0, this.#said.get(key)?.seq ?? 0);
    if (seq <= known) return;
    this.#due.set(key, seq);
    this.#schedule();
  }

  /** After an explicit “unread” the pointer may be said again from there. @param {string} conversation */
  forgetRead(conversation) {
    this.#due.delete(`read ${conversation}`);
    this.#said.delete(`read ${conversation}`);
  }

  /** Is a read of ours under way, which the server's word about this conversation may not know yet? @param {string} conversation */
  isReadCrossing(conversation) {
    const key = `read ${conversation}`;
    const said = this.#said.get(key);
    return this.#due.has(key) || (said !== undefined && this.#clock.now() - said.at < CROSSING_MS);
  }

  onLogin() {
    this.#flush();
  }

  onLost() {
    const now = this.#clock.now();
    for (const [key, { seq, at }] of this.#said) {
      if (now - at < DOUBTFUL_MS && !this.#due.has(key)) this.#due.set(key, seq);
    }
  }

  #schedule() {
    if (this.#timer !== null) return;
    const delay = this.#nextAt - this.#clock.now();
    if (delay <= 0) this.#flush();
    else this.#timer = this.#clock.setTimeout(() => this.#flush(), delay);
  }

  #flush() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    // Reads first: somebody is looking at a number that waits for them.
    const due = [...this.#due].sort(([a], [b]) => Number(b.startsWith("read ")) - Number(a.startsWith("read ")));
    const batch = due.slice(0, FRAMES_PER_FLUSH);
    const frames = batch.map(([key, seq]) => {
      const [type, conversation] = key.split(" ");
      return { type, conversation, seq };
    });
    if (frames.length === 0 || !this.#send(...frames)) return;
    const now = this.#clock.now();
    for (const [key, seq] of batch) {
      this.#said.set(key, { seq, at: now });
      this.#due.delete(key);
    }
    this.#nextAt = now + READ_EVERY_MS;
    if (this.#due.size > 0) this.#schedule();
  }
}
