/**
 * HTTP as a transport, for networks that let no socket through: what arrives is polled for, what is sent goes by REST.
 * To the connection it looks like a socket: frames in and out, an open, and a close code when it ends. It answers the
 * `login` itself with the first poll that is let in, and says `heartbeat` for an answer that brought nothing.
 *
 * Typing and presence are not to be had this way; those frames go nowhere.
 *
 * It keeps cursors of its own, and the whole of them: a poll whose cursors were cut to what fits into a frame would be
 * answered at once with what they left out, over and over.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./frames.js").ErrorFrame} ErrorFrame
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./rest.js").Answer} Answer
 * @typedef {import("./rest.js").Fetch} Fetch
 * @typedef {import("./transport_websocket.js").OpenTransport} OpenTransport
 * @typedef {import("./transport_websocket.js").TransportEvents} TransportEvents
 *
 * @typedef {object} PollOptions
 * @property {Clock} clock
 * @property {Fetch} [fetch]
 * @property {() => Record<string, string>} [headers] More than the token of the login, a CSRF token for one.
 * @property {() => boolean} [isHidden] Whether nobody is looking: then it is asked now and then instead of held.
 */

import { CLOSE, closeCodeOf } from "./codes.js";
import { jsonCodec } from "./codec_json.js";
import { PollRhythm } from "./poll_rhythm.js";
import { Rest, Unreachable } from "./rest.js";
import { commandOf, directConversation } from "./rest_commands.js";

/** On top of what the server may wait: the way there and back over a bad network. */
export const REQUEST_TIMEOUT_MS = 15_000;
/**
 * Every poll is a beat, so no others are needed. Silence is longer than any two polls lie apart, a browser's slowed timers
 * in hidden tabs included.
 */
const HEARTBEAT = { interval: 3_600, timeout: 150 };
/** What a socket reports that ended without a word. */
const ABNORMAL = 1006;

/** @type {Fetch} */
const platformFetch = (url, request) => globalThis.fetch(url, request);

/** @param {PollOptions} options @returns {OpenTransport} */
export const pollTransport = (options) => (url, events) => {
  const poll = new Poll(url, events, options);
  queueMicrotask(() => poll.open());
  return { send: (payload) => poll.send(payload), close: () => poll.close() };
};

class Poll {
  #events;
  #clock;
  #rest;
  #rhythm;
  #isClosed = false;
  #isLoggedIn = false;
  /** @type {Frame} */
  #login = { type: "login" };
  /** @type {Record<string, number>} */
  #cursors = {};
  #epoch = "";
  /** The id of the `login` or `sync` whose last page has not come yet. */
  #answering = "";
  /** @type {Map<string, Frame>} marks that are still to be said, one at a time: there may be hundreds */
  #marks = new Map();
  #isMarking = false;
  /** @type {Map<string, string>} receiver: direct conversation */
  #directs = new Map();

  /** @param {string} url @param {TransportEvents} events @param {PollOptions} options */
  constructor(url, events, { clock, fetch = platformFetch, headers = () => ({}), isHidden = () => false }) {
    this.#events = events;
    this.#clock = clock;
    this.#rhythm = new PollRhythm(clock, isHidden);
    this.#rest = new Rest({ url, fetch, clock, headers: () => ({ ...this.#authorization(), ...headers() }) });
  }

  open() {
    if (!this.#isClosed) this.#events.onOpen();
  }

  close() {
    this.#isClosed = true;
    this.#rhythm.interrupt();
    this.#rest.abort();
  }

  /** @param {string} payload */
  send(payload) {
    for (const frame of jsonCodec.decode(payload)) this.#take(frame);
  }

  /** @param {Frame} frame */
  #take(frame) {
    switch (frame.type) {
      case "login":
        this.#login = frame;
        this.#expectPages(frame);
        void this.#poll();
        break;
      case "sync":
        this.#expectPages(frame);
        this.#rhythm.interrupt();
        break;
      case "heartbeat":
        this.#rhythm.interrupt();
        break;
      case "message":
      case "edit":
      case "recall":
      case "react":
        void this.#command(frame);
        break;
      case "read":
      case "unread":
      case "received":
        this.#mark(frame);
        break;
    }
  }

  /** @param {Frame} question */
  #expectPages(question) {
    this.#cursors = { ...question.cursors };
    this.#answering = question.id ?? "";
  }

  /** @returns {Record<string, string>} */
  #authorization() {
    return this.#login.token ? { Authorization: `Bearer ${this.#login.token}` } : {};
  }

  async #poll() {
    while (!this.#isClosed) {
      const turn = this.#rhythm.begin(this.#answering !== "");
      const query = { cursors: this.#cursors, wait: turn.waitS, html: this.#login.html };
      const call = { method: "POST", path: "sync/", body: query };
      const answer = await this.#carryOut(call, turn.waitS * 1000 + REQUEST_TIMEOUT_MS, turn);
      if (!answer) continue;
      if (answer.refusal) {
        this.#end(closeCodeOf(answer.refusal.code), answer.refusal);
        return;
      }
      const page = answer.body;
      const hasNews = page.messages.length + page.conversations.length > 0;
      this.#deliver(page, hasNews, answer.epoch);
      if (!page.more) await this.#rhythm.rest(turn, hasNews);
    }
  }

  /** @param {import("./frames.js").SyncReply} page @param {boolean} hasNews @param {string} epoch */
  #deliver(page, hasNews, epoch) {
    const isFirst = !this.#isLoggedIn;
    if (!isFirst && epoch !== this.#epoch) {
      // Another store is under our cursors now. Only a login tells the client of that.
      this.#end(CLOSE.GOING_AWAY);
      return;
    }
    this.#isLoggedIn = true;
    this.#epoch = epoch;
    Object.assign(this.#cursors, page.cursors);
    for (const { conversation, left } of page.conversations) if (left) delete this.#cursors[conversation];
    const id = this.#answering;
    if (!page.more) this.#answering = "";
    const isWorthSaying = hasNews || id !== "";
    this.#say(
      ...(isFirst ? [this.#loginReply()] : []),
      isWorthSaying ? { ...page, type: "sync", id } : { type: "heartbeat" },
    );
  }

  /** @returns {Frame} */
  #loginReply() {
    return { type: "login", id: this.#login.id, epoch: this.#epoch, heartbeat: HEARTBEAT, timestamp: this.#clock.now() };
  }

  /** What is answered with an `ack` or an `error`. @param {Frame} frame */
  async #command(frame) {
    const { receiver } = frame;
    if (receiver && !this.#directs.has(receiver)) {
      const found = await this.#carryOut(directConversation(receiver));
      if (!found || found.refusal) {
        this.#answer(frame, found);
        return;
      }
      this.#directs.set(receiver, found.body.conversation);
    }
    const conversation = this.#directs.get(receiver) ?? frame.conversation;
    this.#answer(frame, await this.#carryOut(commandOf({ ...frame, conversation })));
  }

  /** @param {Frame} frame @param {Answer | null} answer null: none will come on this transport */
  #answer(frame, answer) {
    if (answer?.refusal) this.#say({ ...answer.refusal, type: "error", id: frame.id });
    else if (answer) this.#say({ ...answer.body, type: "ack", id: frame.id });
  }

  /** What is not answered. @param {Frame} frame */
  #mark(frame) {
    const key = `${frame.type} ${frame.conversation}`;
    this.#marks.delete(key);
    this.#marks.set(key, frame);
    if (!this.#isMarking) void this.#sayMarks();
  }

  async #sayMarks() {
    this.#isMarking = true;
    for (const [key, frame] of this.#marks) {
      this.#marks.delete(key);
      const answer = await this.#carryOut(commandOf(frame));
      // One that is refused for good is void (the user has left). Too many at once are said again after the next login.
      if (answer?.refusal?.retry_after) this.#end(closeCodeOf(answer.refusal.code), answer.refusal);
      if (this.#isClosed) return;
    }
    this.#isMarking = false;
  }

  /**
   * @param {import("./rest_commands.js").Command} command
   * @param {number} [timeoutMs]
   * @param {import("./poll_rhythm.js").Turn} [turn] when it may be interrupted
   * @returns {Promise<Answer | null>} null when it was interrupted, or this transport is at its end
   */
  async #carryOut({ method, path, body }, timeoutMs = REQUEST_TIMEOUT_MS, turn = undefined) {
    try {
      const answer = await this.#rest.call(method, path, body, timeoutMs, turn?.controller);
      if (this.#isClosed || turn?.isInterrupted) return null;
      const isSignedOut = answer.refusal && closeCodeOf(answer.refusal.code) === CLOSE.UNAUTHENTICATED;
      if (!isSignedOut) return answer;
      this.#end(CLOSE.UNAUTHENTICATED, answer.refusal);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const { message: detail, retryAfter } = error;
      if (!turn?.isInterrupted) this.#end(ABNORMAL, { code: "server_error", detail, retry_after: retryAfter });
    }
    return null;
  }

  /** @param {Frame[]} frames */
  #say(...frames) {
    if (!this.#isClosed) this.#events.onMessage(jsonCodec.encode(frames));
  }

  /** @param {number} code @param {ErrorFrame | null} [reason] said before, as on TCP */
  #end(code, reason = null) {
    if (this.#isClosed) return;
    if (reason) this.#say({ ...reason, type: "error" });
    this.close();
    this.#events.onClose(code, "");
  }
}
