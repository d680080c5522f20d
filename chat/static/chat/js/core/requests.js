/**
 * Commands that are answered once, by id: edit, recall, react. They are worth a few seconds, not an outbox: their
 * effect is seen on a message that is there, and asking again is the user's own gesture.
 *
 * A command under way when the connection drops is sent again after the next login; every one of them leaves the same
 * state when it is done twice.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Ack} Ack
 * @typedef {import("./frames.js").ErrorFrame} ErrorFrame
 */

import { newId } from "./ids.js";

/** Long enough for a reconnect in between, short enough that the user still knows what was asked. */
export const REQUEST_TIMEOUT_MS = 20_000;

/** Why a request was not done: an error code of the server's, or `timeout`. */
export class RequestError extends Error {
  /** @param {string} code @param {string} detail */
  constructor(code, detail) {
    super(detail || code);
    this.code = code;
  }
}

export class Requests {
  #clock;
  #send;
  #fits;
  /** @type {Map<string, {frame: Frame, resolve: (ack: Ack) => void, reject: (error: RequestError) => void, timer: unknown}>} */
  #pending = new Map();

  /** @param {{clock: Clock, send: (frame: Frame) => boolean, fits: (frame: Frame) => boolean}} options */
  constructor({ clock, send, fits }) {
    this.#clock = clock;
    this.#send = send;
    this.#fits = fits;
  }

  /**
   * @param {Frame} command without an id
   * @returns {Promise<Ack>} rejects with a RequestError
   */
  request(command) {
    const frame = { ...command, id: newId() };
    if (!this.#fits(frame)) return Promise.reject(new RequestError("too_large", ""));
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#pending.delete(frame.id);
        reject(new RequestError("timeout", ""));
      }, REQUEST_TIMEOUT_MS);
      this.#pending.set(frame.id, { frame, resolve, reject, timer });
      this.#send(frame);
    });
  }

  onLogin() {
    for (const { frame } of this.#pending.values()) this.#send(frame);
  }

  /** @param {Ack} ack @returns {boolean} whether it answered a request of ours */
  onAck(ack) {
    const request = this.#take(ack.id);
    request?.resolve(ack);
    return request !== undefined;
  }

  /** @param {ErrorFrame} error @returns {boolean} */
  onError(error) {
    const request = this.#take(error.id ?? "");
    request?.reject(new RequestError(error.code, error.detail));
    return request !== undefined;
  }

  /** @param {string} id */
  #take(id) {
    const request = this.#pending.get(id);
    if (!request) return undefined;
    this.#pending.delete(id);
    this.#clock.clearTimeout(request.timer);
    return request;
  }
}
