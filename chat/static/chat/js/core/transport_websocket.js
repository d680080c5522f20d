/**
 * A WebSocket as a transport: it opens, sends, closes and calls back. Nothing about frames, logins or retries.
 *
 * @typedef {object} TransportEvents
 * @property {() => void} onOpen
 * @property {(payload: unknown) => void} onMessage
 * @property {(code: number, reason: string) => void} onClose Once, and only when the other side or the network ended it.
 *
 * @typedef {object} Transport
 * @property {(payload: string) => void} send
 * @property {(code: number, reason?: string) => void} close After this nothing is called back any more.
 *
 * @typedef {(url: string, events: TransportEvents) => Transport} OpenTransport
 */

const SUBPROTOCOL = "im.v1";

/** @type {OpenTransport} */
export function openWebSocket(url, events) {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => events.onOpen();
  socket.onmessage = (event) => events.onMessage(event.data);
  socket.onclose = (event) => events.onClose(event.code, event.reason);

  return {
    send: (payload) => socket.send(payload),
    close(code, reason = "") {
      // A dead peer answers no closing handshake, and the browser waits a minute for one: let go of it at once.
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code, reason);
    },
  };
}
