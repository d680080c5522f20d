/**
 * Files on their way to the server: a few side by side, each under an id of its own, so that one that was cut off is
 * sent again and stored once. A lost network only makes them wait. They live as long as the page.
 *
 * @typedef {import("../core/clock.js").Clock} Clock
 * @typedef {import("../core/frames.js").Attachment} Attachment
 *
 * @typedef {object} Upload
 * @property {string} id
 * @property {File} file
 * @property {"waiting" | "uploading" | "ready" | "failed"} state
 * @property {number} progress 0 to 1
 * @property {number} tries that the server answered and that came to nothing
 * @property {Attachment} [attachment] when it is ready
 * @property {string} [error] the code, when it has failed
 *
 * @typedef {{code: string, retry_after?: number}} Refusal `unreachable` when nobody answered
 * @typedef {(upload: Upload, onProgress: (share: number) => void) => {done: Promise<Attachment>, abort: () => void}} Post
 *   rejects with a Refusal
 */

import { Backoff } from "../core/backoff.js";
import { isTemporary } from "../core/codes.js";
import { Emitter } from "../core/emitter.js";
import { newId } from "../core/ids.js";

/** More at once would make each so slow that none arrives. */
export const SIDE_BY_SIDE = 3;
export const TRIES_MAX = 5;

/** @extends {Emitter<{change: [upload: Upload]}>} */
export class Uploads extends Emitter {
  #clock;
  #post;
  #backoff;
  /** @type {Map<string, Upload>} in the order in which they were chosen */
  #uploads = new Map();
  /** @type {Map<string, () => void>} how to end those under way */
  #underway = new Map();
  /** @type {unknown} set while they wait before the next try */
  #rest = null;

  /** @param {{clock: Clock, post: Post}} options */
  constructor({ clock, post }) {
    super();
    this.#clock = clock;
    this.#post = post;
    this.#backoff = new Backoff(clock.random);
  }

  /** @param {File} file @param {string} [error] why it need not be tried at all @returns {Upload} */
  add(file, error) {
    /** @type {Upload} */
    const upload = { id: newId(), file, state: error ? "failed" : "waiting", progress: 0, tries: 0, error };
    this.#uploads.set(upload.id, upload);
    queueMicrotask(() => this.#next());
    return upload;
  }

  /** The user wants a failed one to be tried after all. @param {string} id */
  retry(id) {
    const upload = this.#uploads.get(id);
    if (upload?.state !== "failed") return;
    this.#change(upload, { state: "waiting", tries: 0, error: undefined });
    this.wake();
  }

  /** It is not wanted any more, or it has arrived in a message. @param {string} id */
  remove(id) {
    this.#uploads.delete(id);
    this.#underway.get(id)?.();
  }

  /** The network is back: no need to wait longer. */
  wake() {
    this.#clock.clearTimeout(this.#rest);
    this.#rest = null;
    this.#next();
  }

  #next() {
    for (const upload of this.#uploads.values()) {
      if (this.#rest !== null || this.#underway.size >= SIDE_BY_SIDE) return;
      if (upload.state === "waiting") void this.#start(upload);
    }
  }

  /** @param {Upload} upload */
  async #start(upload) {
    const { done, abort } = this.#post(upload, (progress) => this.#change(upload, { progress }));
    this.#underway.set(upload.id, abort);
    this.#change(upload, { state: "uploading", progress: 0 });
    try {
      const attachment = await done;
      this.#backoff.reset();
      this.#change(upload, { state: "ready", progress: 1, attachment });
    } catch (error) {
      this.#failed(upload, /** @type {Refusal} */ (error));
    } finally {
      this.#underway.delete(upload.id);
      this.#next();
    }
  }

  /** @param {Upload} upload @param {Refusal} refusal */
  #failed(upload, { code, retry_after = 0 }) {
    const tries = upload.tries + (code === "unreachable" ? 0 : 1);
    // A full store does not empty itself while one waits.
    const mayPass = code === "unreachable" || (isTemporary(code) && code !== "storage_full" && tries < TRIES_MAX);
    if (mayPass && this.#uploads.has(upload.id)) {
      this.#rest = this.#clock.setTimeout(() => this.wake(), retry_after * 1000 + this.#backoff.next());
    }
    this.#change(upload, mayPass ? { state: "waiting", progress: 0, tries } : { state: "failed", error: code });
  }

  /** @param {Upload} upload @param {Partial<Upload>} changes */
  #change(upload, changes) {
    Object.assign(upload, changes);
    if (this.#uploads.has(upload.id)) this.emit("change", upload);
  }
}
