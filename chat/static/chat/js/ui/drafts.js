/**
 * What is being written, per conversation, in localStorage: it survives a reload, a crash and another tab.
 *
 * @typedef {{text: string, replyTo: number | null, at: number}} Draft
 */

const SAVE_AFTER_MS = 400;

export class Drafts {
  #prefix;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(() => void) | null} */
  #pendingSave = null;

  /** Who brings it to the user's other devices, once that is loaded. @type {(conversation: string) => void} */
  onChange = () => {};

  /** @param {string} username @param {Storage} [storage] */
  constructor(username, storage = localStorage) {
    this.storage = storage;
    this.#prefix = `draft:${username}:`;
    addEventListener("pagehide", () => this.flush());
  }

  /** @param {string} conversation @returns {Draft | null} */
  read(conversation) {
    const stored = this.storage.getItem(this.#prefix + conversation);
    return stored ? JSON.parse(stored) : null;
  }

  /** @returns {string[]} the conversations in which something is being written */
  ids() {
    const keys = Object.keys(this.storage).filter((key) => key.startsWith(this.#prefix));
    return keys.map((key) => key.slice(this.#prefix.length)).filter((id) => this.read(id)?.text);
  }

  /** Soon, and at the latest when the page goes. @param {string} conversation @param {string} text @param {number | null} replyTo */
  save(conversation, text, replyTo) {
    this.#pendingSave = () => {
      this.#write(conversation, text, replyTo);
      this.onChange(conversation);
    };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SAVE_AFTER_MS);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#pendingSave?.();
    this.#pendingSave = null;
  }

  /** At once: what was sent must not come back as a draft. @param {string} conversation */
  clear(conversation) {
    clearTimeout(this.#timer);
    this.#pendingSave = null;
    this.storage.removeItem(this.#prefix + conversation);
    this.onChange(conversation);
  }

  /** What another device wrote. The page learns of it as of what another tab wrote. @param {string} conversation @param {string} text @param {number | null} replyTo */
  replace(conversation, text, replyTo) {
    this.#write(conversation, text, replyTo);
    const key = this.#prefix + conversation;
    dispatchEvent(new StorageEvent("storage", { key, newValue: this.storage.getItem(key) }));
  }

  /** @param {(conversation: string, draft: Draft | null) => void} listener for drafts that another tab wrote @param {AbortSignal} [signal] */
  onElsewhere(listener, signal) {
    const listen = (/** @type {StorageEvent} */ event) => {
      if (!event.key?.startsWith(this.#prefix)) return;
      listener(event.key.slice(this.#prefix.length), event.newValue ? JSON.parse(event.newValue) : null);
    };
    addEventListener("storage", listen, { signal });
  }

  /** The user signs out: nothing of theirs stays on this computer. */
  forgetAll() {
    for (const key of Object.keys(this.storage)) if (key.startsWith(this.#prefix)) this.storage.removeItem(key);
  }

  /** @param {string} conversation @param {string} text @param {number | null} replyTo */
  #write(conversation, text, replyTo) {
    const key = this.#prefix + conversation;
    try {
      if (text.trim() === "" && replyTo === null) this.storage.removeItem(key);
      else this.storage.setItem(key, JSON.stringify({ text, replyTo, at: Date.now() }));
    } catch (error) {
      console.warn("The draft could not be saved:", error); // a full storage must not stop the typing
    }
  }
}
