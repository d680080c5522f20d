/**
 * One logged-in session, kept alive: dial, log in, beat, notice death, come back.
 *
 * It knows time and the close codes and nothing of messages. Two rules carry it: a transport that was let go of is not
 * listened to any more, and a close code from 4500 up is final until somebody changes something.
 *
 * Where sockets do not get through it polls instead, and goes over to a socket as soon as one works. The session is
 * `connected` all the while, but another one: `lost` and `login` tell.
 *
 * @typedef {import("./transport_websocket.js").Transport} Transport
 * @typedef {import("./fallback.js").Via} Via
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").LoginReply} LoginReply
 * @typedef {import("./options.js").ConnectionOptions} ConnectionOptions
 *
 * `reconnecting` waits for its next attempt, `offline` is the same while the device says it has no network,
 * `signed-out` and `stopped` do nothing by themselves.
 * @typedef {"idle" | "connecting" | "connected" | "reconnecting" | "offline" | "signed-out" | "stopped"} ConnectionState
 */

import { Deadline } from "./clock.js";
import { CLOSE, isSignedOut, mayReconnect } from "./codes.js";
import { Emitter } from "./emitter.js";
import { Fallback } from "./fallback.js";
import { Heart } from "./heart.js";
import { Line } from "./line.js";
import { Probe } from "./probe.js";
import { Waits } from "./waits.js";

/** A handshake that takes longer is not going to happen. */
export const DIAL_TIMEOUT_MS = 10_000;
/** As long as the server gives itself to check a login; to come back earlier would only add to what keeps it busy. */
export const LOGIN_TIMEOUT_MS = 30_000;

/**
 * @extends {Emitter<{
 *   state: [state: ConnectionState],
 *   login: [reply: LoginReply],
 *   frame: [frame: Frame],
 *   lost: [isOrderly: boolean],
 * }>}
 */
export class Connection extends Emitter {
  #options;
  #waits;
  #line;
  /** @type {ConnectionState} */
  #state = "idle";
  #heart;
  #fallback;
  #probe;
  #deadline; // of the current phase: handshake, login or next attempt
  #loginId = "";
  #liveSince = 0;

  /** The code that ended the last connection. */
  closeCode = 0;
  /** @type {Via} how this session, or the attempt at one, reaches the server */
  via = "websocket";

  /** @param {ConnectionOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    this.#deadline = new Deadline(options.clock);
    this.#waits = new Waits(options.clock);
    this.#line = new Line({
      onOpen: () => this.#onOpen(),
      onMessage: (payload) => this.#onMessage(payload),
      // The codes of 4000–4999 are the server's own words, so it was reached.
      onClose: (code) => (code >= 4000 && code <= 4999 ? this.#lost(code) : this.#unreached(code)),
    });
    this.#heart = new Heart({
      clock: options.clock,
      beat: () => this.send({ type: "heartbeat" }),
      die: (wasProbed) => this.#lost(CLOSE.HEARTBEAT_TIMEOUT, wasProbed),
    });
    this.#fallback = new Fallback({ hasPoll: options.poll !== undefined, pollFirst: options.poll?.first });
    this.#probe = new Probe({
      clock: options.clock,
      open: (events) => options.openTransport(options.url, events),
      login: () => this.#login(),
      isLogin: (payload) => this.#decode(payload)?.some((frame) => frame.type === "login") ?? false,
      adopt: (transport, payload) => this.#move(transport, payload),
    });
  }

  get state() {
    return this.#state;
  }

  get isLive() {
    return this.#state === "connected";
  }

  /** When the next attempt comes (Unix ms), while there is one to wait for. */
  get retryAt() {
    return this.#waits.endsAt;
  }

  start() {
    if (this.#state === "idle") this.#dial();
  }

  /** Ends the session for good; `start` begins another. */
  stop() {
    const wasLive = this.isLive;
    this.#release(CLOSE.NORMAL);
    this.#setState("idle");
    if (wasLive) this.emit("lost", true);
  }

  /** The user asked for it: now, whatever was agreed about waiting. Also the way out of `stopped` and `signed-out`. */
  retryNow() {
    if (!this.#line.isOpen && this.#state !== "idle") this.#dial();
  }

  /**
   * The network or the page came back. Waiting ends at once (but not a wait that the server asked for); an open
   * connection has to prove within 10 s that it is still there.
   */
  wake() {
    this.#probe.soon();
    if (this.isLive) {
      this.#heart.probe();
    } else if (this.#isWaiting() && this.#waits.mayEndNow) {
      this.#fallback.reset();
      this.#dial();
    }
  }

  /**
   * The device says that its network is gone. A socket over it would look alive until the watchdog; letting go of one
   * that still works (a server on the same machine) costs a reconnect that succeeds at once.
   */
  networkLost() {
    this.#fallback.reset();
    if (this.isLive) this.#lost(CLOSE.HEARTBEAT_TIMEOUT);
    else if (this.#isWaiting()) this.#setState(this.#waitingState());
  }

  /**
   * @param {Frame[]} frames
   * @returns {boolean} false when there is no session: nothing was sent and nothing is kept
   */
  send(...frames) {
    if (!this.isLive || !this.#line.isOpen) return false;
    this.#write(this.#options.codec.encode(frames));
    return true;
  }

  /** It proved to be of no use (no ack in time): let it go and dial again at once. */
  drop() {
    if (this.isLive) this.#lost(CLOSE.HEARTBEAT_TIMEOUT, true);
  }

  #isWaiting() {
    return this.#state === "reconnecting" || this.#state === "offline";
  }

  #waitingState() {
    return (this.#options.isOnline?.() ?? true) ? "reconnecting" : "offline";
  }

  /** @param {ConnectionState} state */
  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.emit("state", state);
  }

  #dial() {
    this.#release(CLOSE.NORMAL);
    this.#waits.forgetAsked();
    this.#deadline.arm(DIAL_TIMEOUT_MS, () => this.#unreached(CLOSE.HEARTBEAT_TIMEOUT));
    this.via = this.#fallback.via;
    const { poll, url, openTransport } = this.#options;
    try {
      if (this.via === "poll" && poll) this.#line.dial(poll.open, poll.url);
      else this.#line.dial(openTransport, url);
    } catch (error) {
      // A browser throws for a URL it will not open (mixed content, for one); another try will not change that.
      console.error(error);
      this.#release(CLOSE.NORMAL);
      this.#setState("stopped");
      return;
    }
    this.#setState("connecting");
  }

  /** A socket works: what was polled for comes there now. @param {Transport} transport @param {unknown} payload */
  #move(transport, payload) {
    this.#release(CLOSE.NORMAL);
    this.emit("lost", true);
    this.via = "websocket";
    const events = this.#line.adopt(transport);
    events.onMessage(payload);
    return events;
  }

  #onOpen() {
    this.#deadline.arm(LOGIN_TIMEOUT_MS, () => this.#unreached(CLOSE.HEARTBEAT_TIMEOUT));
    this.#write(this.#login());
  }

  #login() {
    const login = this.#options.makeLogin();
    this.#loginId = login.id ?? "";
    return this.#options.codec.encode([login]);
  }

  /** @param {unknown} payload */
  #onMessage(payload) {
    const { current } = this.#line;
    this.#heart.noteHeard();
    const frames = this.#decode(payload);
    // Perhaps a proxy's doing, and gone with the next connection; the growing waits keep it from becoming a loop.
    if (!frames) this.#lost(CLOSE.SERVER_ERROR);
    for (const frame of frames ?? []) {
      // A listener may have ended this connection half-way through a batch.
      if (current !== this.#line.current) return;
      this.#onFrame(frame);
    }
  }

  /** @param {unknown} payload @returns {Frame[] | null} null for what is none of im.v1 */
  #decode(payload) {
    try {
      return this.#options.codec.decode(payload);
    } catch (error) {
      console.error(error);
      return null;
    }
  }

  /** @param {Frame} frame */
  #onFrame(frame) {
    if (frame.type === "login") {
      this.#onLogin(/** @type {any} */ (frame));
      return;
    }
    if (frame.type === "heartbeat") return;
    if (frame.type === "error" && (!frame.id || frame.id === this.#loginId)) {
      this.#waits.noteAsked(frame.retry_after);
    }
    this.emit("frame", frame);
  }

  /** @param {LoginReply} reply */
  #onLogin(reply) {
    if (this.#liveSince > 0) return;
    this.#liveSince = this.#options.clock.now();
    this.#deadline.disarm();
    this.#heart.start(reply.heartbeat);
    if (this.via === "poll") this.#probe.start();
    else this.#fallback.reset();
    this.#setState("connected");
    this.emit("login", reply);
  }

  /** @param {string} payload */
  #write(payload) {
    this.#heart.noteSent();
    this.#line.send(payload);
  }

  /** An attempt, or a session, that ended without a word of the server's. @param {number} code */
  #unreached(code) {
    if (!this.isLive) this.#fallback.noteFailed(this.via);
    this.#lost(code, this.via === "websocket" && this.#fallback.via === "poll");
  }

  /**
   * @param {number} code
   * @param {boolean} [atOnce] dial again without waiting: the failure is known to be this connection's alone
   */
  #lost(code, atOnce = false) {
    const wasLive = this.isLive;
    if (wasLive) this.#waits.noteLived(this.#options.clock.now() - this.#liveSince);
    this.closeCode = code;
    this.#release(code);
    if (!mayReconnect(code)) {
      this.#setState(isSignedOut(code) ? "signed-out" : "stopped");
    } else {
      this.#deadline.arm(this.#waits.begin(atOnce), () => this.#dial());
      this.#setState(this.#waitingState());
    }
    if (wasLive) this.emit("lost", false);
  }

  /** @param {number} code */
  #release(code) {
    this.#deadline.disarm();
    this.#heart.stop();
    this.#probe.stop();
    this.#liveSince = 0;
    this.#line.release(code);
  }
}
