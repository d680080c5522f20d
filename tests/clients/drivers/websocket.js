/**
 * As much of the browser's `WebSocket` as the client library uses, for Node before 22, which has none. Text messages,
 * pings and closes; what a server may not send is not checked, for the tests' server is our own.
 */

import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 };
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §4.2.2

export class WebSocket {
  binaryType = "arraybuffer";
  onopen = null;
  onmessage = null;
  onclose = null;
  #request;
  #socket = null;
  #received = Buffer.alloc(0);
  #message = [];
  #isClosed = false;

  constructor(url, protocols = []) {
    const key = randomBytes(16).toString("base64");
    this.#request = request(url.replace(/^ws/, "http"), {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": protocols.join(", "),
      },
    });
    this.#request.on("upgrade", ({ headers }, socket, head) => {
      const accept = createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
      if (headers["sec-websocket-accept"] === accept) this.#open(socket, head);
      else this.#end(1006);
    });
    this.#request.on("response", () => this.#end(1006));
    this.#request.on("error", () => this.#end(1006));
    this.#request.end();
  }

  send(text) {
    this.#write(OPCODE.TEXT, Buffer.from(text));
  }

  close(code = 1000, reason = "") {
    this.#isClosed = true;
    if (this.#socket) {
      const status = Buffer.alloc(2);
      status.writeUInt16BE(code);
      this.#write(OPCODE.CLOSE, Buffer.concat([status, Buffer.from(reason)]));
      this.#socket.end();
    } else {
      this.#request.destroy();
    }
  }

  #open(socket, head) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on("data", (data) => this.#take(data));
    socket.on("error", () => this.#end(1006));
    socket.on("close", () => this.#end(1006));
    this.onopen?.({});
    this.#take(head);
  }

  #end(code, reason = "") {
    this.#request.destroy();
    this.#socket?.destroy();
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onclose?.({ code, reason });
  }

  /** One frame, masked, as a client's must be (RFC 6455 §5.3). */
  #write(opcode, payload) {
    const { length } = payload;
    const size = length < 126 ? [length] : length < 65536 ? [126, length >> 8, length & 0xff] : null;
    const header = Buffer.alloc(size ? 1 + size.length : 10);
    header[0] = 0x80 | opcode;
    if (size) size.forEach((byte, index) => (header[1 + index] = byte));
    else {
      header[1] = 127;
      header.writeBigUInt64BE(BigInt(length), 2);
    }
    header[1] |= 0x80;
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ mask[index % 4]);
    this.#socket.write(Buffer.concat([header, mask, masked]));
  }

  #take(data) {
    this.#received = Buffer.concat([this.#received, data]);
    while (this.#received.length >= 2) {
      const short = this.#received[1] & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.#received.length < start) return;
      const length =
        short < 126 ? short : short === 126 ? this.#received.readUInt16BE(2) : Number(this.#received.readBigUInt64BE(2));
      if (this.#received.length < start + length) return;
      const payload = this.#received.subarray(start, start + length);
      const [first] = this.#received;
      this.#received = this.#received.subarray(start + length);
      this.#frame(first & 0x0f, (first & 0x80) !== 0, payload);
    }
  }

  #frame(opcode, isLast, payload) {
    if (opcode === OPCODE.PING) this.#write(OPCODE.PONG, payload);
    else if (opcode === OPCODE.CLOSE) {
      this.#end(payload.length >= 2 ? payload.readUInt16BE(0) : 1005, payload.subarray(2).toString());
    } else if (opcode === OPCODE.TEXT || opcode === OPCODE.CONTINUATION) {
      this.#message.push(payload);
      if (!isLast) return;
      const data = Buffer.concat(this.#message).toString();
      this.#message = [];
      if (!this.#isClosed) this.onmessage?.({ data });
    }
  }
}
