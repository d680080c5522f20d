/**
 * What the user sent and the server has not acknowledged. Nothing in here is lost by a reload, a crash, hours offline
 * or an expired sign-in; nothing is sent twice, for a message keeps its id for ever; and nothing overtakes: of each
 * conversation one message is under way at a time.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./outbox_storage.js").Draft} Draft
 * @typedef {import("./outbox_storage.js").Item} Item
 * @typedef {import("./outbox_storage.js").OutboxStorage} OutboxStorage
 * @typedef {import("./drain_lock.js").DrainLock} DrainLock
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Ack} Ack
 * @typedef {import("./frames.js").ErrorFrame} ErrorFrame
 * @typedef {import("./frames.js").Message} Message
 */

import { Backoff } from "./backoff.js";
import { isTemporary } from "./codes.js";
import { Emitter } from "./emitter.js";
import { heldMsOf } from "./hold.js";
import { newId } from "./ids.js";
import { Shelf } from "./outbox_shelf.js";

export const ACK_TIMEOUT_MS = 10_000;
export const TRIES_MAX = 5;
export const STALE_AFTER_MS = 24 * 3600 * 1000;

/**
 * @extends {Emitter<{
 *   change: [item: Item],
 *   removed: [id: string],
 *   sent: [item: Item, ack: Ack],
 *   unanswered: [],
 *   logged: [item: Item, message: Message],
 *   stored: [id: string],
 * }>}
 */
export class Outbox extends Emitter {
  #clock;
  #shelf;
  #lock;
  #send;
  #fits;
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Map<string, unknown>} id of what is under way, with its ack timer */
  #underway = new Map();
  /** @type {Map<string, unknown>} id of what waits before its next try, with its timer */
  #paused = new Map();
  #backoff;
  #isLive = false;
  /** Whether this tab drains: it holds the lock, and has read what the one before it left. */
  #isDrainer = false;
  #lastOrder = 0;

  /**
   * @param {object} options
   * @param {Clock} options.clock @param {OutboxStorage} options.storage @param {DrainLock} options.lock
   * @param {(frame: Frame) => boolean} options.send
   * @param {(frame: Frame) => boolean} options.fits whether the server takes a frame of this size
   */
  constructor({ clock, storage, lock, send, fits }) {
    super();
    this.#clock = clock;
    this.#shelf = new Shelf(storage, (id) => this.emit("stored", id));
    this.#lock = lock;
    this.#send = send;
    this.#fits = fits;
    this.#backoff = new Backoff(clock.random);
  }

  /** Reads what an earlier page or another tab left, and begins to drain. */
  async start() {
    await this.#takeOver();
    this.#lock.request(() => (this.#lock.held ? void this.#takeOver() : this.#letGo()));
  }

  /** @returns {Item[]} in the order in which they were written */
  items() {
    return [...this.#items.values()].sort((a, b) => a.order - b.order);
  }

  /** @param {string} id */
  get(id) {
    return this.#items.get(id) ?? null;
  }

  /**
   * Takes a message on. It is announced before anything is stored or sent, so it can be on the screen in the same frame.
   *
   * @param {Draft} draft @param {string} [id]
   * @param {number} [holdMs] for which it can be undone (`discard`), and nothing of its conversation overtakes it
   * @returns {Item}
   */
  add(draft, id = newId(), holdMs = 0) {
    const now = this.#clock.now();
    this.#lastOrder = Math.max(now, this.#lastOrder + 1);
    /** @type {Item} */
    const item = { id, order: this.#lastOrder, created_at: now, draft, state: "queued", tries: 0 };
    if (holdMs > 0) item.held_until = now + holdMs;
    this.#items.set(id, item);
    this.emit("change", item);
    this.#lock.take();
    this.#drain();
    void this.#shelf.put(item);
    return item;
  }

  /** The user wants a failed one to go out after all. @param {string} id */
  retry(id) {
    const item = this.#items.get(id);
    if (!item || item.state !== "failed") return;
    // Asked for again is written again, as far as its age goes.
    this.#change(item, { state: "queued", tries: 0, created_at: this.#clock.now(), error: undefined, detail: undefined });
    this.#lock.take();
    this.#drain();
  }

  /** What a message had to wait for has come, or never will. @param {string} id @param {Partial<Item>} changes */
  settle(id, changes) {
    const item = this.#items.get(id);
    if (item?.state !== "queued") return;
    this.#change(item, changes);
    this.#lock.take();
    this.#drain();
  }

  /** @param {string} id */
  discard(id) {
    if (this.#items.has(id)) this.#remove(id);
  }

  /** Another tab changed the storage. */
  async reload() {
    const found = await this.#shelf.read();
    if (!found) return;
    for (const item of found.items) {
      this.#lastOrder = Math.max(this.#lastOrder, item.order);
      const known = this.#items.get(item.id);
      if (this.#underway.has(item.id) || (known?.state === item.state && known.tries === item.tries)) continue;
      if (known?.draft.uploads && item.draft.uploads) continue; // nobody but this tab has the files
      this.#items.set(item.id, item);
      this.emit("change", item);
    }
    for (const id of found.gone) this.#forget(id);
    this.#drain();
  }

  onLogin() {
    this.#isLive = true;
    this.#backoff.reset();
    this.#drain();
  }

  /** @param {boolean} isOrderly nothing failed: what is under way is sent again by the next session */
  onLost(isOrderly) {
    this.#isLive = false;
    if (isOrderly) this.#requeue();
    else for (const id of [...this.#underway.keys()]) this.#failedTry(id, "gave_up", "");
  }

  /** @param {Ack} ack @returns {boolean} whether it acknowledged a message of this outbox */
  onAck(ack) {
    const item = this.#items.get(ack.id);
    if (!item) return false;
    this.emit("sent", item, ack);
    this.#remove(ack.id);
    return true;
  }

  /** The log shows that this one is in it; the ack was lost, or went to another session. @param {Message} message of the user's own */
  onLogged(message) {
    const item = this.#items.get(message.id);
    if (!item) return;
    this.emit("logged", item, message);
    this.#remove(message.id);
  }

  /** @param {ErrorFrame} error @returns {boolean} */
  onError(error) {
    const id = error.id ?? "";
    const item = this.#items.get(id);
    if (!item || !this.#underway.has(id)) return false;
    if (isTemporary(error.code)) {
      this.#failedTry(id, "gave_up", error.detail);
      this.#pause(id, (error.retry_after ?? 0) * 1000 + this.#backoff.next());
    } else {
      this.#endAttempt(id);
      this.#change(item, { state: "failed", error: error.code, detail: error.detail });
    }
    this.#drain();
    return true;
  }

  #drain() {
    if (!this.#isLive || !this.#isDrainer) return;
    const busy = new Set();
    for (const item of this.items()) {
      const to = item.draft.conversation ?? `@${item.draft.receiver}`;
      if (item.state === "failed" || busy.has(to)) continue;
      busy.add(to);
      if (item.draft.uploads) continue; // what follows must not overtake it
      if (this.#underway.has(item.id) || this.#paused.has(item.id)) continue;
      const heldMs = heldMsOf(item, this.#clock.now());
      if (heldMs > 0) this.#pause(item.id, heldMs);
      else if (!this.#attempt(item)) busy.delete(to);
    }
  }

  /** @param {Item} item @returns {boolean} whether it holds the place of its conversation now */
  #attempt(item) {
    if (this.#clock.now() - item.created_at > STALE_AFTER_MS) {
      this.#change(item, { state: "failed", error: "stale" });
      return false;
    }
    const attachments = item.draft.attachments?.map(({ id }) => id);
    const frame = { type: "message", id: item.id, ...item.draft, ...(attachments ? { attachments } : {}) };
    if (!this.#fits(frame)) {
      this.#change(item, { state: "failed", error: "too_large" });
      return false;
    }
    if (!this.#send(frame)) return true;
    const timer = this.#clock.setTimeout(() => this.emit("unanswered"), ACK_TIMEOUT_MS);
    this.#underway.set(item.id, timer);
    item.state = "sending";
    this.emit("change", item);
    return true;
  }

  /** @param {string} id @param {string} error for the case that it was the last one @param {string} detail */
  #failedTry(id, error, detail) {
    const item = this.#items.get(id);
    this.#endAttempt(id);
    if (!item) return;
    const tries = item.tries + 1;
    if (tries < TRIES_MAX) this.#change(item, { state: "queued", tries });
    else this.#change(item, { state: "failed", tries, error, detail });
  }

  /** @param {string} id @param {number} delayMs */
  #pause(id, delayMs) {
    if (this.#items.get(id)?.state !== "queued") return;
    const resume = () => {
      this.#paused.delete(id);
      this.#drain();
    };
    this.#paused.set(id, this.#clock.setTimeout(resume, delayMs));
  }

  async #takeOver() {
    await this.reload();
    this.#isDrainer = this.#lock.held;
    this.#drain();
  }

  /** Another tab took the lock over; it sends again what is under way here, under the same ids. */
  #letGo() {
    this.#isDrainer = false;
    this.#requeue();
  }

  /** What is under way goes out once more, without having failed. */
  #requeue() {
    for (const id of [...this.#underway.keys()]) {
      this.#endAttempt(id);
      const item = this.#items.get(id);
      if (!item) continue;
      item.state = "queued";
      this.emit("change", item);
    }
  }

  /** @param {string} id */
  #endAttempt(id) {
    this.#clock.clearTimeout(this.#underway.get(id));
    this.#underway.delete(id);
    this.#clock.clearTimeout(this.#paused.get(id));
    this.#paused.delete(id);
  }

  /** @param {Item} item @param {Partial<Item>} changes */
  #change(item, changes) {
    Object.assign(item, changes);
    this.emit("change", item);
    void this.#shelf.put(item);
  }

  /** @param {string} id */
  #remove(id) {
    this.#forget(id);
    void this.#shelf.delete(id);
    this.#drain();
  }

  /** @param {string} id */
  #forget(id) {
    this.#endAttempt(id);
    if (this.#items.delete(id)) this.emit("removed", id);
  }
}
