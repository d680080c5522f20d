/**
 * The state of the connection, where it matters to somebody: shown only when it has lasted for two seconds, said once
 * per change, with a countdown that is seen and not said. Polling is no alarm, for messages work; what does not is named.
 *
 * @typedef {import("../core/client.js").ClientState} ClientState
 */

import { element, slot } from "./page.js";

const SHOWN_AFTER_MS = 2_000;

/** @type {Record<ClientState, string>} the words for each state; none where there is nothing to say */
const WORDS = {
  idle: "",
  connected: "",
  connecting: "conn_connecting",
  updating: "conn_updating",
  polling: "conn_polling",
  reconnecting: "conn_reconnecting",
  offline: "conn_offline",
  "signed-out": "conn_signed_out",
  stopped: "conn_stopped",
};

/** What only the user can end is said at once. @type {Set<ClientState>} */
const FINAL = new Set(["signed-out", "stopped"]);

export class ConnectionBar {
  #bar = element("conn");
  #retry = element("conn-retry");
  #signIn = /** @type {HTMLAnchorElement} */ (element("conn-signin"));
  #client;
  #words;
  #isShown = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #delay;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /** @param {import("../core/client.js").Client} client @param {import("./text.js").Words} words */
  constructor(client, words) {
    this.#client = client;
    this.#words = words;
    this.#retry.addEventListener("click", () => client.connection.retryNow());
    client.on("state", (state) => this.#follow(state));
    this.#follow(client.state);
  }

  /** @param {ClientState} state */
  #follow(state) {
    this.#bar.dataset.state = state;
    if (WORDS[state] === "") {
      clearTimeout(this.#delay);
      this.#delay = undefined;
      this.#hide();
    } else if (this.#isShown || FINAL.has(state)) {
      this.#show();
    } else {
      // One wait for the whole way from lost to found again, not a new one for each step of it.
      this.#delay ??= setTimeout(() => this.#show(), SHOWN_AFTER_MS);
    }
  }

  #show() {
    const state = this.#client.state;
    this.#isShown = true;
    this.#bar.hidden = false;
    const text = slot(this.#bar, "conn-text");
    const words = this.#words.say(WORDS[state]);
    if (text && text.textContent !== words) text.textContent = words;
    this.#retry.hidden = state !== "reconnecting" && state !== "offline" && state !== "stopped";
    this.#signIn.hidden = state !== "signed-out";
    this.#signIn.search = new URLSearchParams({ next: location.pathname + location.search }).toString();
    clearInterval(this.#ticking);
    this.#countDown();
    if (state === "reconnecting" || state === "offline") this.#ticking = setInterval(() => this.#countDown(), 1000);
  }

  #hide() {
    this.#isShown = false;
    this.#bar.hidden = true;
    clearInterval(this.#ticking);
  }

  #countDown() {
    const place = slot(this.#bar, "conn-countdown");
    if (!place) return;
    const { state, retryAt } = this.#client.connection;
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    const isWaiting = (state === "reconnecting" || state === "offline") && seconds > 0;
    place.textContent = isWaiting ? this.#words.say("conn_countdown", { count: seconds }) : "";
  }
}
