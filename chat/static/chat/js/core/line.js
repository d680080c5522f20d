/**
 * One transport at a time: a transport that was let go of is not listened to any more, whatever it still calls.
 *
 * @typedef {import("./transport_websocket.js").OpenTransport} OpenTransport
 * @typedef {import("./transport_websocket.js").Transport} Transport
 * @typedef {import("./transport_websocket.js").TransportEvents} TransportEvents
 */

import { CLOSE } from "./codes.js";

export class Line {
  #events;
  /** @type {Transport | null} */
  #transport = null;
  /** @type {object | null} tells the calls of this transport from those of one before */
  #current = null;

  /** @param {TransportEvents} events what the transport of the moment calls */
  constructor(events) {
    this.#events = events;
  }

  get isOpen() {
    return this.#transport !== null;
  }

  /** Tells this transport from any other. */
  get current() {
    return this.#current;
  }

  /** @param {OpenTransport} open @param {string} url throws what `open` throws */
  dial(open, url) {
    const events = this.#listen();
    this.#transport = open(url, events);
  }

  /** A transport that is open already. @param {Transport} transport @returns {TransportEvents} what it is to call from now on */
  adopt(transport) {
    const events = this.#listen();
    this.#transport = transport;
    return events;
  }

  /** @param {string} payload */
  send(payload) {
    this.#transport?.send(payload);
  }

  /** @param {number} code */
  release(code) {
    const transport = this.#transport;
    this.#transport = null;
    this.#current = null;
    // 1006 and the like are the browser's to report, not ours to send.
    transport?.close(code >= 4000 && code <= 4999 ? code : CLOSE.NORMAL);
  }

  /** @returns {TransportEvents} */
  #listen() {
    const current = (this.#current = {});
    const ifCurrent = (/** @type {() => void} */ act) => void (current === this.#current && act());
    return {
      onOpen: () => ifCurrent(() => this.#events.onOpen()),
      onMessage: (payload) => ifCurrent(() => this.#events.onMessage(payload)),
      onClose: (code, reason) => ifCurrent(() => this.#events.onClose(code, reason)),
    };
  }
}
