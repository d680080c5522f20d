/**
 * Which way to the server the next attempt takes. The socket, until it came to nothing twice in a row; then polling,
 * and when that comes to nothing as well, it was not the socket's fault and all begins again.
 *
 * An attempt came to something when the server was heard, be it with a no.
 *
 * @typedef {"websocket" | "poll"} Via
 */

export const SOCKET_TRIES = 2;

export class Fallback {
  #hasPoll;
  #failures;

  /** @param {{hasPoll: boolean, pollFirst?: boolean}} options `pollFirst`: the socket is known not to work here */
  constructor({ hasPoll, pollFirst = false }) {
    this.#hasPoll = hasPoll;
    this.#failures = pollFirst ? SOCKET_TRIES : 0;
  }

  /** @returns {Via} */
  get via() {
    return this.#hasPoll && this.#failures >= SOCKET_TRIES ? "poll" : "websocket";
  }

  /** @param {Via} via an attempt that came to nothing */
  noteFailed(via) {
    this.#failures = via === "poll" ? 0 : this.#failures + 1;
  }

  /** The socket works, or the network is another one. */
  reset() {
    this.#failures = 0;
  }
}
