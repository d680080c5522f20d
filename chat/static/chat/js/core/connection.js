/**
 * One logged-in session, kept alive: dial, log in, beat, notice death, come back.
 *
 * It knows time and the close codes and nothing of messages. Two rules carry it: a transport that was let go of is not
 * listened to any more, and a close code from 4500 up is final until somebody changes something.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./codec_json.js").Codec} Codec
 * @typedef {import("./transport_websocket.js").OpenTransport} OpenTransport
 * @typedef {import("./transport_websocket.js").Transport} Transport
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").LoginReply} LoginReply
 *
 * `reconnecting` waits for its next attempt, `offline` is the same while the device says it has no network,
 * `signed-out` and `stopped` do nothing by themselves.
 * @typedef {"idle" | "connecting" | "connected" | "reconnecting" | "offline" | "signed-out" | "stopped"} ConnectionState
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url
 * @property {OpenTransport} openTransport
 * @property {Codec} codec
 * @property {Clock} clock
 * @property {() => Frame} makeLogin Called for each attempt, for the cursors in it grow.
 * @property {() => boolean} [isOnline] What the device thinks of its network.
 */

import { Backoff } from "./backoff.js";
import { CLOSE, isSignedOut, mayReconnect } from "./codes.js";
import { Emitter } from "./emitter.js";
import { Heart } from "./heart.js";

/** A handshake that takes longer is not going to happen. */
export const DIAL_TIMEOUT_MS = 10_000;
/** As long as the server gives itself to check a login; to come back earlier would only add to what keeps it busy. */
export const LOGIN_TIMEOUT_MS = 30_000;
/** A session this old was healthy: its end starts the backoff from the base again. */
export const HEALTHY_AFTER_MS = 60_000;
/** The close that an `error` frame announces comes within this. */
const CLOSE_FOLLOWS_MS = 5_000;

/**
 * @extends {Emitter<{
 *   state: [state: ConnectionState],
 *   login: [reply: LoginReply],
 *   frame: [frame: Frame],
 *   lost: [],
 * }>}
 */
export class Connection extends Emitter {
  #options;
  #clock;
  #backoff;
  /** @type {Transport | null} */
  #transport = null;
  /** @type {object | null} tells the callbacks of this transport from those of one that was let go of */
  #currentDial = null;
  /** @type {ConnectionState} */
  #state = "idle";
  #loginId = "";
  #liveSince = 0;
  #heart;
  /** @type {unknown} the deadline of the current phase: handshake, login or next attempt */
  #timer = null;
  /** The wait that the server asked for in an `error` frame which no command of ours caused. */
  #askedWait = { ms: 0, at: 0 };
  #waitAtLeastUntil = 0;

  /** When the next attempt comes (Unix ms), while there is one to wait for. */
  retryAt = 0;
  /** The code that ended the last connection. */
  closeCode = 0;

  /** @param {ConnectionOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    this.#clock = options.clock;
    this.#backoff = new Backoff(options.clock.random);
    this.#heart = new Heart({
      clock: options.clock,
      beat: () => this.send({ type: "heartbeat" }),
      die: (wasProbed) => this.#lost(CLOSE.HEARTBEAT_TIMEOUT, wasProbed),
    });
  }

  get state() {
    return this.#state;
  }

  get isLive() {
    return this.#state === "connected";
  }

  start() {
    if (this.#state === "idle") this.#dial();
  }

  /** Ends the session for good; `start` begins another. */
  stop() {
    this.#release(CLOSE.NORMAL);
    this.#setState("idle");
  }

  /** The user asked for it: now, whatever was agreed about waiting. Also the way out of `stopped` and `signed-out`. */
  retryNow() {
    if (!this.#transport && this.#state !== "idle") this.#dial();
  }

  /**
   * The network or the page came back. Waiting ends at once (but not a wait that the server asked for); an open
   * connection has to prove within 10 s that it is still there.
   */
  wake() {
    if (this.isLive) this.#heart.probe();
    else if (this.#isWaiting() && this.#clock.now() >= this.#waitAtLeastUntil) this.#dial();
  }

  /**
   * The device says that its network is gone. A socket over it would look alive until the watchdog; letting go of one
   * that still works (a server on the same machine) costs a reconnect that succeeds at once.
   */
  networkLost() {
    if (this.isLive) this.#lost(CLOSE.HEARTBEAT_TIMEOUT);
    else if (this.#isWaiting()) this.#setState(this.#waitingState());
  }

  /**
   * @param {Frame[]} frames
   * @returns {boolean} false when there is no session: nothing was sent and nothing is kept
   */
  send(...frames) {
    if (!this.isLive || !this.#transport) return false;
    this.#write(this.#transport, frames);
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
    this.#askedWait = { ms: 0, at: 0 };
    this.#arm(DIAL_TIMEOUT_MS, () => this.#lost(CLOSE.HEARTBEAT_TIMEOUT));
    try {
      const dial = (this.#currentDial = {});
      const ifCurrent = (/** @type {() => void} */ act) => void (dial === this.#currentDial && act());
      this.#transport = this.#options.openTransport(this.#options.url, {
        onOpen: () => ifCurrent(() => this.#onOpen()),
        onMessage: (payload) => ifCurrent(() => this.#onMessage(payload)),
        onClose: (code) => ifCurrent(() => this.#lost(code)),
      });
    } catch (error) {
      // A browser throws for a URL it will not open (mixed content, for one); another try will not change that.
      console.error(error);
      this.#release(CLOSE.NORMAL);
      this.#setState("stopped");
      return;
    }
    this.#setState("connecting");
  }

  #onOpen() {
    this.#arm(LOGIN_TIMEOUT_MS, () => this.#lost(CLOSE.HEARTBEAT_TIMEOUT));
    const login = this.#options.makeLogin();
    this.#loginId = login.id ?? "";
    if (this.#transport) this.#write(this.#transport, [login]);
  }

  /** @param {unknown} payload */
  #onMessage(payload) {
    const transport = this.#transport;
    this.#heart.noteHeard();
    let frames;
    try {
      frames = this.#options.codec.decode(payload);
    } catch (error) {
      // Perhaps a proxy's doing, and gone with the next connection; the growing waits keep it from becoming a loop.
      console.error(error);
      this.#lost(CLOSE.SERVER_ERROR);
      return;
    }
    for (const frame of frames) {
      // A listener may have ended this connection half-way through a batch.
      if (transport !== this.#transport) return;
      this.#onFrame(frame);
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
      this.#askedWait = { ms: (Number(frame.retry_after) || 0) * 1000, at: this.#clock.now() };
    }
    this.emit("frame", frame);
  }

  /** @param {LoginReply} reply */
  #onLogin(reply) {
    if (this.isLive) return;
    this.#liveSince = this.#clock.now();
    this.#disarm();
    this.#heart.start(reply.heartbeat);
    this.#setState("connected");
    this.emit("login", reply);
  }

  /** @param {Transport} transport @param {Frame[]} frames */
  #write(transport, frames) {
    this.#heart.noteSent();
    transport.send(this.#options.codec.encode(frames));
  }

  /**
   * @param {number} code
   * @param {boolean} [atOnce] dial again without waiting: the failure is known to be this connection's alone
   */
  #lost(code, atOnce = false) {
    const now = this.#clock.now();
    const wasLive = this.isLive;
    if (wasLive && now - this.#liveSince >= HEALTHY_AFTER_MS) this.#backoff.reset();
    this.closeCode = code;
    this.#release(code);
    if (!mayReconnect(code)) {
      this.#setState(isSignedOut(code) ? "signed-out" : "stopped");
    } else {
      // An `error` that was not followed by the close had nothing to do with it.
      const askedMs = now - this.#askedWait.at < CLOSE_FOLLOWS_MS ? this.#askedWait.ms : 0;
      this.#waitAtLeastUntil = now + askedMs;
      const delay = atOnce ? 0 : askedMs + this.#backoff.next();
      this.retryAt = now + delay;
      this.#arm(delay, () => this.#dial());
      this.#setState(this.#waitingState());
    }
    if (wasLive) this.emit("lost");
  }

  /** @param {number} code */
  #release(code) {
    this.#disarm();
    this.#heart.stop();
    const transport = this.#transport;
    this.#transport = null;
    this.#currentDial = null;
    // 1006 and the like are the browser's to report, not ours to send.
    transport?.close(code >= 4000 && code <= 4999 ? code : CLOSE.NORMAL);
  }

  /** @param {number} delayMs @param {() => void} callback */
  #arm(delayMs, callback) {
    this.#disarm();
    this.#timer = this.#clock.setTimeout(callback, delayMs);
  }

  #disarm() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
