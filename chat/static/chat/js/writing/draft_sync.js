/**
 * Drafts on the user's other devices. What this browser wrote goes to the server a moment later; what another device
 * wrote is taken over where nothing was written here since, and the message box shows it only while it is empty and
 * nobody is in it (ui/composer.js). Of two devices that write the same draft, the one that writes last keeps its own.
 *
 * @typedef {{conversation: string, text: string, reply_to: number | null, version: number}} Remote
 * @typedef {object} Known
 * @property {number} version What the server had when this browser last heard of it.
 * @property {string} text
 * @property {number[]} sent Checksums of what was sent since: a page that went never learned what became of it.
 */

import { crc32 } from "../ui/people.js";

const SEND_AFTER_MS = 1_500;
/** What the server keeps of one; a longer text stays in this browser alone. */
const TEXT_MAX = 10_000;
/** Each try has read what the one before came too late for. */
const TRIES_MAX = 3;
const SENT_MAX = 8;

export class DraftSync {
  #drafts;
  #requests;
  #key;
  #storage;
  #timers;
  /** @type {Map<string, unknown>} what waits to be sent, by conversation */
  #waiting = new Map();
  /** One request at a time, so that none overtakes another. @type {Promise<void>} */
  #queue = Promise.resolve();

  /**
   * @param {object} parts
   * @param {import("../ui/drafts.js").Drafts} parts.drafts
   * @param {string} parts.me
   * @param {DraftRequests} parts.requests
   * @param {Storage} [parts.storage]
   * @param {Pick<typeof globalThis, "setTimeout" | "clearTimeout">} [parts.timers]
   */
  constructor({ drafts, me, requests, storage = localStorage, timers = globalThis }) {
    this.#drafts = drafts;
    this.#requests = requests;
    this.#key = syncedKeyOf(me);
    this.#storage = storage;
    this.#timers = timers;
    drafts.onChange = (conversation) => this.#later(conversation);
  }

  /** Both ways; at the start, and whenever the connection is back. */
  exchange() {
    return this.#enqueue(async () => {
      await this.#pull();
      for (const conversation of this.#changed()) await this.#push(conversation);
    });
  }

  /** The page goes: what has not been sent is sent without an answer. */
  leave() {
    for (const conversation of this.#waiting.keys()) void this.#put(conversation, true).catch(() => {});
    this.#waiting.clear();
  }

  /** @param {string} conversation */
  #later(conversation) {
    this.#timers.clearTimeout(/** @type {any} */ (this.#waiting.get(conversation)));
    const send = () => {
      this.#waiting.delete(conversation);
      void this.#enqueue(() => this.#push(conversation));
    };
    this.#waiting.set(conversation, this.#timers.setTimeout(send, SEND_AFTER_MS));
  }

  /** @param {() => Promise<void>} work */
  #enqueue(work) {
    this.#queue = this.#queue.then(work).catch(() => {}); // offline: the next exchange finds what differs
    return this.#queue;
  }

  async #pull() {
    for (const remote of await this.#requests.list()) this.#hear(remote);
  }

  /** @param {Remote} remote */
  #hear(remote) {
    const { conversation, text } = remote;
    const known = this.#known(conversation);
    if (remote.version <= known.version) return;
    const here = this.#text(conversation);
    // What this browser wrote itself must not come back after it was sent as a message.
    const isOurs = known.sent.includes(crc32(text));
    const isUntouched = here === known.text || here === "";
    this.#note(conversation, { version: remote.version, text, sent: [] });
    if (isUntouched && !isOurs && here !== text) this.#drafts.replace(conversation, text, remote.reply_to);
  }

  /** @param {string} conversation */
  async #push(conversation) {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const text = this.#text(conversation);
      const known = this.#known(conversation);
      if (text === known.text || text.length > TEXT_MAX) return;
      const now = await this.#put(conversation, false);
      if (now.version !== known.version + 1 || now.text !== text) this.#hear(now);
      else this.#note(conversation, { version: now.version, text, sent: [] });
    }
  }

  /**
   * @param {string} conversation
   * @param {boolean} isLeaving
   * @returns {Promise<Remote>} what is there then: another device may have been faster
   */
  #put(conversation, isLeaving) {
    const known = this.#known(conversation);
    const text = this.#text(conversation);
    this.#note(conversation, { ...known, sent: [crc32(text), ...known.sent].slice(0, SENT_MAX) });
    const replyTo = this.#drafts.read(conversation)?.replyTo ?? null;
    return this.#requests.put({ conversation, text, reply_to: replyTo, version: known.version }, isLeaving);
  }

  /** Where the server has something else, as far as one knows. */
  #changed() {
    const known = this.#all();
    const ids = new Set([...this.#drafts.ids(), ...Object.keys(known)]);
    return [...ids].filter((id) => this.#text(id) !== (known[id]?.text ?? ""));
  }

  /** @param {string} conversation */
  #text(conversation) {
    return this.#drafts.read(conversation)?.text ?? "";
  }

  /** @returns {Record<string, Known>} */
  #all() {
    return JSON.parse(this.#storage.getItem(this.#key) ?? "{}");
  }

  /** @param {string} conversation @returns {Known} */
  #known(conversation) {
    return this.#all()[conversation] ?? { version: 0, text: "", sent: [] };
  }

  /** @param {string} conversation @param {Known} known */
  #note(conversation, known) {
    this.#storage.setItem(this.#key, JSON.stringify({ ...this.#all(), [conversation]: known }));
  }
}

/** Goes with a sign-out (ui/sign_out.js). @param {string} username */
const syncedKeyOf = (username) => `synced:${username}`;

/**
 * @typedef {object} DraftRequests Both reject without a network.
 * @property {() => Promise<Remote[]>} list
 * @property {(draft: Remote, isLeaving: boolean) => Promise<Remote>} put
 */

/** @param {string} api @param {() => string} csrfToken @returns {DraftRequests} */
export const draftRequests = (api, csrfToken) => ({
  async list() {
    const answer = await fetch(`${api}drafts/`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).results;
  },
  async put({ conversation, ...draft }, isLeaving) {
    const answer = await fetch(`${api}conversations/${encodeURIComponent(conversation)}/draft/`, {
      method: "PUT",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(draft),
      keepalive: isLeaving,
    });
    if (answer.status === 404) return { conversation, ...draft, version: draft.version + 1 }; // left: nobody else wants it
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  },
});
