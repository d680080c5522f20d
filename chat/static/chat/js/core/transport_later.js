/**
 * A transport whose code comes with its first use. Polling is for networks that let no socket through; everybody else
 * need not load it.
 *
 * @typedef {import("./transport_websocket.js").OpenTransport} OpenTransport
 * @typedef {import("./transport_websocket.js").Transport} Transport
 */

/** What a socket reports that never opened. */
const ABNORMAL = 1006;

/** @param {() => Promise<OpenTransport>} load @returns {OpenTransport} */
export const openLater = (load) => (url, events) => {
  /** @type {Transport | null} */
  let transport = null;
  let isClosed = false;
  load().then(
    (open) => {
      if (!isClosed) transport = open(url, events);
    },
    // The server that has the code cannot be reached either.
    () => {
      if (!isClosed) events.onClose(ABNORMAL, "");
    },
  );
  return {
    send: (payload) => transport?.send(payload), // nobody sends before onOpen
    close(code, reason) {
      isClosed = true;
      transport?.close(code, reason);
    },
  };
};
