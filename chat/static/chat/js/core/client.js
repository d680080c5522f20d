/**
 * The whole client of im.v1 without a user interface: connection, outbox, sync, receipts and store, wired together.
 *
 *     const client = new Client({ url: "wss://example.org/ws/", me: "alice", device: { id, platform: "web" } });
 *     client.store.on("message", (message) => …);
 *     await client.start();
 *     client.sendMessage({ conversation, content: "Hello!" });
 *
 * Everything it needs of its surroundings (socket, clock, storage, lock) can be handed in; see tests/js.
 *
 * @typedef {import("./connection.js").ConnectionState} ConnectionState
 * @typedef {import("./frames.js").Ack} Ack
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").ErrorFrame} ErrorFrame
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").LoginReply} LoginReply
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Presence} Presence
 * @typedef {import("./frames.js").SyncReply} SyncReply
 * @typedef {import("./options.js").ClientOptions} ClientOptions
 * @typedef {import("./outbox.js").Draft} Draft
 * @typedef {import("./outbox.js").Item} Item
 *
 * `updating`: connected, and reading what was missed. `polling`: connected where sockets do not get through; messages work.
 * @typedef {ConnectionState | "updating" | "polling"} ClientState
 */

import { systemClock } from "./clock.js";
import { byteLength, jsonCodec } from "./codec_json.js";
import { Connection } from "./connection.js";
import { soleDrainer } from "./drain_lock.js";
import { Emitter } from "./emitter.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";
import { memoryStorage } from "./outbox_storage.js";
import { Receipts } from "./receipts.js";
import { Requests } from "./requests.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { openLater } from "./transport_later.js";
import { openWebSocket } from "./transport_websocket.js";

/** Hidden for longer than this, a page asks for what it missed instead of trusting that every push found it awake. */
const SYNC_AFTER_HIDDEN_MS = 60_000;

/** @param {import("./transport_poll.js").PollOptions} options */
const loadPolling = async (options) => (await import("./transport_poll.js")).pollTransport(options);

/**
 * @extends {Emitter<{
 *   state: [state: ClientState],
 *   login: [reply: LoginReply],
 *   typing: [conversation: string, user: string],
 *   presence: [presence: Presence],
 *   contactRequests: [],
 *   read: [conversation: string, seq: number],
 * }>}
 */
export class Client extends Emitter {
  #options;
  #loginId = "";
  /** A larger frame would be the end of the session. REST says of each request whether it is too large. */
  #frameBytes = Infinity;
  /** @type {Set<string>} usernames whose presence is watched */
  #watched = new Set();

  /** @param {ClientOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const { clock = systemClock, poll } = options;
    const send = (/** @type {Frame[]} */ ...frames) => this.connection.send(...frames);
    const fits = (/** @type {Frame} */ frame) => byteLength(jsonCodec.encode([frame])) <= this.#frameBytes;
    this.store = new Store(options.me);
    this.connection = new Connection({
      url: options.url,
      openTransport: options.openTransport ?? openWebSocket,
      poll: poll && { url: poll.url, first: poll.first, open: openLater(() => loadPolling({ ...poll, clock })) },
      codec: jsonCodec,
      clock,
      makeLogin: () => this.#makeLogin(),
      isOnline: options.isOnline,
    });
    this.sync = new Sync({ clock, send, cursors: options.cursors, epoch: options.epoch });
    this.outbox = new Outbox({
      clock,
      send,
      fits,
      storage: options.storage ?? memoryStorage(),
      lock: options.lock ?? soleDrainer(),
    });
    this.requests = new Requests({ clock, send, fits });
    this.receipts = new Receipts({ clock, send });
    for (const conversation of options.conversations ?? []) this.#begin(conversation);
    this.#wire();
  }

  /** @returns {ClientState} */
  get state() {
    const state = this.connection.state;
    if (state !== "connected") return state;
    if (this.sync.isCatchingUp) return "updating";
    return this.connection.via === "poll" ? "polling" : state;
  }

  async start() {
    this.connection.start();
    await this.outbox.start();
  }

  stop() {
    this.connection.send({ type: "logout" });
    this.connection.stop();
  }

  /** The page or the network is back. @param {number} [hiddenMs] how long the page was hidden */
  wake(hiddenMs = 0) {
    this.connection.wake();
    if (hiddenMs > SYNC_AFTER_HIDDEN_MS) this.sync.request();
  }

  /** @param {Draft} draft @param {string} [id] @param {number} [holdMs] for which it can be undone @returns {Item} */
  sendMessage(draft, id, holdMs) {
    return this.outbox.add(draft, id, holdMs);
  }

  /** @param {string} conversation @param {number} seq @param {string} content */
  edit(conversation, seq, content) {
    return this.requests.request({ type: "edit", conversation, seq, content });
  }

  /** @param {string} conversation @param {number} seq */
  recall(conversation, seq) {
    return this.requests.request({ type: "recall", conversation, seq });
  }

  /** @param {string} conversation @param {number} seq @param {string} emoji @param {boolean} remove */
  react(conversation, seq, emoji, remove) {
    return this.requests.request({ type: "react", conversation, seq, emoji, remove });
  }

  /** The user has seen everything up to here: true at once in the store, soon at the server. @param {string} conversation @param {number} seq */
  read(conversation, seq) {
    if (!this.store.advanceRead(conversation, seq)) return;
    this.receipts.say("read", conversation, seq);
    this.emit("read", conversation, seq);
  }

  /** The one way down. @param {string} conversation @param {number} seq unread from here on @returns {boolean} false when not connected */
  markUnread(conversation, seq) {
    if (!this.connection.send({ type: "unread", conversation, seq })) return false;
    this.receipts.forgetRead(conversation);
    this.store.lowerRead(conversation, seq - 1);
    return true;
  }

  /** @param {string} conversation */
  sendTyping(conversation) {
    this.connection.send({ type: "typing", conversation });
  }

  /** Asks for these users' presence now and on every change. @param {string[]} users */
  watchPresence(users) {
    this.#watched = new Set(users);
    this.#askPresence();
  }

  /** What came with the page has arrived here, as what comes by the socket will. @param {Conversation} conversation */
  #begin(conversation) {
    this.store.applyConversation(conversation);
    if (conversation.unread > 0) this.receipts.say("received", conversation.conversation, conversation.last_seq);
  }

  #wire() {
    const { connection, sync, outbox, receipts, requests, store } = this;
    // Once it is connected there is something to catch up with, and that is told as it begins and ends.
    connection.on("state", (state) => state !== "connected" && this.emit("state", this.state));
    connection.on("login", (reply) => {
      this.#frameBytes = reply.limits?.frame_bytes ?? Infinity;
      if (sync.onLogin(reply.epoch, this.#loginId)) store.clear();
      requests.onLogin();
      receipts.onLogin();
      outbox.onLogin();
      this.#askPresence();
      this.emit("login", reply);
    });
    connection.on("lost", (isOrderly) => {
      sync.onLost();
      receipts.onLost();
      outbox.onLost(isOrderly);
    });
    connection.on("frame", (frame) => this.#onFrame(frame));
    sync.on("catchingUp", () => this.emit("state", this.state));
    outbox.on("unanswered", () => connection.drop());
    outbox.on("sent", (item, ack) => this.#onSent(item, ack));
  }

  /** @returns {Frame} */
  #makeLogin() {
    const { device, token, html } = this.#options;
    this.#loginId = newId();
    return { type: "login", id: this.#loginId, token, device, html, batch: true, cursors: this.sync.cursors() };
  }

  #askPresence() {
    if (this.#watched.size > 0) this.connection.send({ type: "presence", id: newId(), users: [...this.#watched] });
  }

  /** @param {any} frame */
  #onFrame(frame) {
    switch (frame.type) {
      case "message":
        this.#applyMessage(frame);
        this.#noteChange(frame);
        break;
      case "ack":
        // The ack of an edit, recall or reaction is no news by itself: the `message` frame that shows it counts.
        if (!this.requests.onAck(frame)) this.outbox.onAck(frame);
        break;
      case "conversation":
        this.learn(frame);
        if (!frame.left) this.sync.noteVersion(frame.conversation, frame.version);
        break;
      case "sync":
        this.#applyPage(frame);
        break;
      case "receipt":
        this.store.applyReceipt(frame);
        break;
      case "typing":
        this.emit("typing", frame.conversation, frame.sender);
        break;
      case "presence":
        this.emit("presence", frame);
        break;
      case "contact_requests":
        this.emit("contactRequests");
        break;
      case "error":
        this.#onError(frame);
        break;
    }
  }

  /** @param {SyncReply} page */
  #applyPage(page) {
    for (const conversation of page.conversations) this.learn(conversation);
    for (const message of page.messages) this.#applyMessage(message);
    this.sync.onReply(page);
  }

  /** @param {Message} message */
  #applyMessage(message) {
    const isMine = message.sender === this.store.me;
    if (this.store.applyMessage(message) && !isMine) {
      this.receipts.say("received", message.conversation, message.seq);
    }
    if (isMine) this.outbox.onLogged(message);
  }

  /** What the server says of a conversation, in a frame or over REST. @param {Conversation} conversation */
  learn(conversation) {
    const id = conversation.conversation;
    const readSeq = this.store.conversation(id)?.read_seq ?? 0;
    this.store.applyConversation(conversation);
    if (conversation.left) this.sync.forget(id);
    else if (conversation.read_seq >= readSeq) return;
    else if (this.receipts.isReadCrossing(id)) this.store.advanceRead(id, readSeq);
    else this.receipts.forgetRead(id); // marked unread on another device: what was said holds no longer
  }

  /** @param {Item} item @param {Ack} ack */
  #onSent({ draft, id }, ack) {
    const { receiver: _receiver, ...rest } = draft;
    this.store.applyMessage({
      kind: "text",
      ...rest,
      id,
      conversation: ack.conversation,
      sender: this.store.me,
      seq: ack.seq,
      version: ack.version,
      timestamp: ack.timestamp,
    });
    this.#noteChange(ack);
  }

  /** What the store could not take, for want of its conversation, has yet to come: with it, by `sync`. @param {Ack | Message} change */
  #noteChange({ conversation, version }) {
    if (this.store.has(conversation)) this.sync.noteChange(conversation, version);
    else this.sync.noteVersion(conversation, version);
  }

  /** @param {ErrorFrame} error */
  #onError(error) {
    if (this.requests.onError(error) || this.outbox.onError(error)) return;
    this.sync.onError(error);
  }
}
