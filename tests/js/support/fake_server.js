/**
 * The other end of the wire, as far as a client can tell: it accepts sockets, answers logins, and keeps what it was
 * sent. Tests drive the client only through this and through its public surface.
 */
export class FakeServer {
  /** @type {FakeSocket[]} */
  sockets = [];
  epoch = "epoch-1";
  /** Whether `login` is answered at once, and its `sync` with an empty last page. */
  answersLogin = true;
  heartbeat = { interval: 30, timeout: 90 };

  openTransport = (url, events) => {
    const socket = new FakeSocket(this, url, events);
    this.sockets.push(socket);
    return socket.transport;
  };

  get socket() {
    return this.sockets.at(-1);
  }

  /** Opens the newest socket, as a network that works does. */
  async accept() {
    this.socket.open();
    return this.socket;
  }
}

class FakeSocket {
  /** Everything the client sent, in order. */
  received = [];
  /** The code with which the client closed. */
  closedBy = null;
  isOpen = false;

  constructor(server, url, events) {
    this.server = server;
    this.url = url;
    this.events = events;
    this.transport = {
      send: (payload) => this.#take(payload),
      close: (code) => {
        this.closedBy = code;
        this.isOpen = false;
      },
    };
  }

  open() {
    this.isOpen = true;
    this.events.onOpen();
  }

  /** The server, or the network, ends it. */
  end(code = 1006) {
    if (this.closedBy !== null) throw new Error("The client had closed this socket.");
    this.isOpen = false;
    this.events.onClose(code, "");
  }

  /** Sends frames to the client: one as an object, several as a batch. */
  push(...frames) {
    if (this.closedBy !== null) throw new Error("The client had closed this socket.");
    this.events.onMessage(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  pushText(text) {
    this.events.onMessage(text);
  }

  /** What the client sent of one type. */
  of(type) {
    return this.received.filter((frame) => frame.type === type);
  }

  get login() {
    return this.of("login")[0];
  }

  acceptLogin(fields = {}) {
    this.push({
      type: "login",
      id: this.login.id,
      user: { username: "alice", name: "Alice", avatar: null },
      session: "s1",
      epoch: this.server.epoch,
      heartbeat: this.server.heartbeat,
      limits: { frame_bytes: 65536, content_chars: 10000 },
      timestamp: 1_700_000_000_000,
      ...fields,
    });
  }

  /** One page of an answer to `sync`. */
  page(id, { conversations = [], messages = [], cursors = {}, more = false } = {}) {
    this.push({ type: "sync", id, conversations, messages, cursors, more });
  }

  ack(frame, seq, version = seq) {
    this.push({ type: "ack", id: frame.id, conversation: frame.conversation, seq, version, timestamp: 1_700_000_000_000 });
  }

  #take(payload) {
    if (!this.isOpen) throw new Error("Sent on a socket that is not open.");
    const value = JSON.parse(payload);
    for (const frame of Array.isArray(value) ? value : [value]) {
      this.received.push(frame);
      if (frame.type === "login" && this.server.answersLogin) {
        this.acceptLogin();
        this.page(frame.id, { cursors: frame.cursors });
      }
    }
  }
}
