/**
 * Looks for a socket that works while the session lives on polling. It is given to the session only when the server has
 * answered a login on it, for some proxies let a socket open and nothing pass through it.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./transport_websocket.js").Transport} Transport
 * @typedef {import("./transport_websocket.js").TransportEvents} TransportEvents
 *
 * @typedef {object} ProbeOptions
 * @property {Clock} clock
 * @property {(events: TransportEvents) => Transport} open
 * @property {() => string} login as it is sent
 * @property {(payload: unknown) => boolean} isLogin whether this is the server's answer to it
 * @property {(transport: Transport, payload: unknown) => TransportEvents} adopt takes over the transport, with what came
 *   on it; what follows goes to the events that this returns
 */

import { Backoff } from "./backoff.js";
import { Deadline } from "./clock.js";
import { CLOSE } from "./codes.js";

/** A network that refuses sockets goes on doing so for hours, and one that is left says so (`soon`). */
const WAITS = { baseMs: 10_000, capMs: 300_000 };
/** A handshake and a login; a firewall that swallows them answers neither. */
export const PROBE_LIMIT_MS = 20_000;

export class Probe {
  #options;
  #waits;
  /** The next attempt, or the end of this one. */
  #deadline;
  /** @type {Transport | null} */
  #transport = null;
  #isStarted = false;

  /** @param {ProbeOptions} options */
  constructor(options) {
    this.#options = options;
    this.#deadline = new Deadline(options.clock);
    this.#waits = new Backoff(options.clock.random, WAITS);
  }

  start() {
    this.#isStarted = true;
    this.#waits.reset();
    this.#wait();
  }

  /** The network may be another one: now. */
  soon() {
    if (!this.#isStarted || this.#transport) return;
    this.#waits.reset();
    this.#try();
  }

  stop() {
    this.#isStarted = false;
    this.#letGo();
  }

  #wait() {
    this.#letGo();
    this.#deadline.arm(this.#waits.next(), () => this.#try());
  }

  #letGo() {
    this.#deadline.disarm();
    this.#transport?.close(CLOSE.NORMAL);
    this.#transport = null;
  }

  #try() {
    this.#letGo();
    /** @type {Transport} */
    let transport;
    /** @type {TransportEvents} */
    let events = {
      onOpen: () => transport.send(this.#options.login()),
      onMessage: (payload) => {
        if (!this.#options.isLogin(payload)) return;
        this.#transport = null; // it is the session's from here on
        events = this.#options.adopt(transport, payload);
      },
      onClose: () => this.#wait(),
    };
    transport = this.#options.open({
      onOpen: () => events.onOpen(),
      onMessage: (payload) => events.onMessage(payload),
      onClose: (code, reason) => events.onClose(code, reason),
    });
    this.#transport = transport;
    this.#deadline.arm(PROBE_LIMIT_MS, () => this.#wait());
  }
}
