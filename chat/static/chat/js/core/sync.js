/**
 * Nothing missed: which change of each conversation this client has everything up to, and when to ask.
 *
 * A push is only a hint. Its `version` says whether it is the next one; if not, what lies between gets half a second
 * to arrive by itself, then `sync` brings it. What is ahead of a gap is shown at once (the store takes the highest
 * version whatever the order); only the cursor waits.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").SyncReply} SyncReply
 * @typedef {import("./frames.js").ErrorFrame} ErrorFrame
 *
 * What is known of a conversation beyond its cursor: the changes seen above the gap, the version it is said to be
 * at, and whether a `sync` asked after that is under way.
 * @typedef {{seen: Set<number>, upTo: number, asked: boolean}} Ahead
 */

import { Emitter } from "./emitter.js";
import { newId } from "./ids.js";

/** Pushes of different processes may cross on the way; a gap younger than this is not one. */
export const GAP_WAIT_MS = 500;
/** A `sync` without an answer for this long is asked again. */
export const SYNC_TIMEOUT_MS = 30_000;
/** After a refused `sync` that names no time of its own. */
const REFUSED_WAIT_MS = 5_000;
/** Never more of a frame than this: the server's limit is 64 KiB and login carries the cursors too. */
export const CURSORS_MAX_BYTES = 48 * 1024;

/** @extends {Emitter<{catchingUp: [busy: boolean]}>} */
export class Sync extends Emitter {
  #clock;
  #send;
  /** @type {Map<string, number>} in the order of last change, so that the oldest are left out when they do not fit */
  #cursors;
  /** @type {Map<string, Ahead>} */
  #ahead = new Map();
  #epoch;
  /** @type {unknown} */
  #timer = null;
  /** @type {string | null} the id of the `sync` (or login) whose last page has not come yet */
  #waitingFor = null;

  /**
   * @param {object} options
   * @param {Clock} options.clock
   * @param {(frame: Frame) => boolean} options.send
   * @param {Record<string, number>} [options.cursors] What a page rendered by the server already shows.
   * @param {string} [options.epoch] The store those cursors count in.
   */
  constructor({ clock, send, cursors = {}, epoch = "" }) {
    super();
    this.#clock = clock;
    this.#send = send;
    this.#cursors = new Map(Object.entries(cursors));
    this.#epoch = epoch;
  }

  get isCatchingUp() {
    return this.#waitingFor !== null;
  }

  /** The store that the cursors count in; empty before the first login. */
  get epoch() {
    return this.#epoch;
  }

  /** @param {string} conversation @returns {number | undefined} */
  cursor(conversation) {
    return this.#cursors.get(conversation);
  }

  /**
   * The cursors for a `login` or `sync`. With so many conversations that they do not fit into a frame, the ones that
   * changed longest ago are left out: the server then sends their newest messages again, which costs and harms nothing.
   *
   * @returns {Record<string, number>}
   */
  cursors() {
    /** @type {[string, number][]} */
    const chosen = [];
    let bytes = 2;
    for (const entry of [...this.#cursors].reverse()) {
      bytes += entry[0].length + String(entry[1]).length + 4;
      if (bytes > CURSORS_MAX_BYTES) break;
      chosen.push(entry);
    }
    return Object.fromEntries(chosen);
  }

  /**
   * A session began; its login carried our cursors.
   *
   * @param {string} epoch
   * @param {string} loginId the id under which the pages come
   * @returns {boolean} true when the store is another one than before: everything known is void
   */
  onLogin(epoch, loginId) {
    const isOther = this.#epoch !== "" && epoch !== this.#epoch;
    this.#epoch = epoch;
    this.#await(loginId);
    if (isOther) {
      this.#cursors.clear();
      this.request();
    }
    return isOther;
  }

  /** The connection is gone, and with it every answer under way: the next login asks for everything above the cursors. */
  onLost() {
    this.#ahead.clear();
    this.#disarm();
    this.#done();
  }

  /** Asks for everything after the cursors. The answer settles whatever was ahead. */
  request() {
    const id = newId();
    if (!this.#send({ type: "sync", id, cursors: this.cursors() })) return;
    for (const ahead of this.#ahead.values()) ahead.asked = true;
    this.#await(id);
  }

  /**
   * A change with this version is in the store now.
   *
   * @param {string} conversation
   * @param {number} version
   */
  noteChange(conversation, version) {
    const ahead = this.#beyond(conversation, version);
    if (!ahead) return;
    ahead.seen.add(version);
    this.#settle(conversation);
  }

  /**
   * The conversation is known to be at this version, though the change itself has not been seen.
   *
   * @param {string} conversation
   * @param {number} version
   */
  noteVersion(conversation, version) {
    if (this.#beyond(conversation, version)) this.#armGap();
  }

  /** @param {string} conversation */
  forget(conversation) {
    this.#cursors.delete(conversation);
    this.#ahead.delete(conversation);
  }

  /** @param {SyncReply} reply after its conversations and messages went into the store */
  onReply(reply) {
    const reset = new Set(reply.conversations.filter((each) => each.reset).map((each) => each.conversation));
    for (const [conversation, version] of Object.entries(reply.cursors)) {
      // Pushes may have carried the cursor past a page that was read before them; a reset starts over.
      const known = reset.has(conversation) ? 0 : (this.#cursors.get(conversation) ?? 0);
      this.#advance(conversation, Math.max(known, version));
      this.#settle(conversation);
    }
    if (reply.more || reply.id !== this.#waitingFor) return;
    this.#disarm();
    this.#done();
    for (const [conversation, ahead] of this.#ahead) {
      this.#settle(conversation);
      // What the answer to our question did not bring, a second question would not bring either.
      if (ahead.asked) this.#ahead.delete(conversation);
    }
    if (this.#ahead.size > 0) this.#armGap();
    else this.#disarm();
  }

  /** @param {ErrorFrame} error that answers a `sync` */
  onError(error) {
    if (error.id !== this.#waitingFor) return;
    this.#arm(error.retry_after ? error.retry_after * 1000 : REFUSED_WAIT_MS);
  }

  /**
   * @param {string} conversation
   * @param {number} version
   * @returns {Ahead | null} null when the cursor covers this version already
   */
  #beyond(conversation, version) {
    const cursor = this.#cursors.get(conversation);
    if (cursor !== undefined && version <= cursor) return null;
    const ahead = this.#ahead.get(conversation) ?? { seen: new Set(), upTo: 0, asked: false };
    if (version > ahead.upTo) {
      ahead.upTo = version;
      ahead.asked = false;
    }
    this.#ahead.set(conversation, ahead);
    return ahead;
  }

  /** Moves the cursor over what has arrived without a gap. @param {string} conversation */
  #settle(conversation) {
    const ahead = this.#ahead.get(conversation);
    let cursor = this.#cursors.get(conversation);
    if (!ahead) return;
    if (cursor !== undefined) {
      while (ahead.seen.delete(cursor + 1)) cursor += 1;
      for (const version of ahead.seen) if (version <= cursor) ahead.seen.delete(version);
      this.#advance(conversation, cursor);
      if (cursor >= ahead.upTo) this.#ahead.delete(conversation);
    }
    if (this.#ahead.size > 0) this.#armGap();
    else if (!this.isCatchingUp) this.#disarm();
  }

  /** @param {string} conversation @param {number} version */
  #advance(conversation, version) {
    this.#cursors.delete(conversation);
    this.#cursors.set(conversation, version);
  }

  #armGap() {
    // While pages are still coming they may well be what fills the gap; the last one looks again.
    if (this.#timer === null && !this.isCatchingUp) this.#arm(GAP_WAIT_MS);
  }

  /** @param {number} delayMs */
  #arm(delayMs) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.request();
    }, delayMs);
  }

  #disarm() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @param {string} id */
  #await(id) {
    const wasCatchingUp = this.isCatchingUp;
    this.#waitingFor = id;
    this.#arm(SYNC_TIMEOUT_MS);
    if (!wasCatchingUp) this.emit("catchingUp", true);
  }

  #done() {
    if (!this.isCatchingUp) return;
    this.#waitingFor = null;
    this.emit("catchingUp", false);
  }
}
