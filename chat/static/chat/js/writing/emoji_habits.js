/**
 * What this user chose lately, and the skin tone, in this browser.
 */

/** Three rows of the picker. */
const RECENT_MAX = 24;

export class EmojiHabits {
  #key;
  #storage;

  /** @param {string} username @param {Storage} [storage] */
  constructor(username, storage = localStorage) {
    this.#key = `emoji:${username}`;
    this.#storage = storage;
  }

  /** @returns {{recent: string[], tone: number}} the last one first */
  read() {
    const { recent = [], tone = 0 } = JSON.parse(this.#storage.getItem(this.#key) ?? "{}");
    return { recent, tone };
  }

  /** @param {string} emoji as it was chosen, with its tone */
  note(emoji) {
    const { recent, tone } = this.read();
    this.#write({ recent: [emoji, ...recent.filter((each) => each !== emoji)].slice(0, RECENT_MAX), tone });
  }

  /** @param {number} tone 0 to 5 */
  keepTone(tone) {
    this.#write({ ...this.read(), tone });
  }

  /** @param {{recent: string[], tone: number}} habits */
  #write(habits) {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(habits));
    } catch (error) {
      console.warn("The emoji could not be remembered:", error); // a full storage must not keep one from choosing
    }
  }
}
