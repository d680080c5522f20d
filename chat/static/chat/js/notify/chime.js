/** The sound of a new message. Browsers let a page be heard only after somebody did something in it, and so do we. */

/** A burst of messages is one sound. */
const PAUSE_MS = 3_000;

export class Chime {
  #address;
  /** @type {HTMLAudioElement | null} */
  #audio = null;
  #playedAt = 0;

  /** @param {string} address of the file */
  constructor(address) {
    this.#address = address;
  }

  async play(now = Date.now()) {
    if (now - this.#playedAt < PAUSE_MS || navigator.userActivation?.hasBeenActive === false) return;
    this.#playedAt = now;
    this.#audio ??= new Audio(this.#address);
    try {
      await this.#audio.play();
    } catch (error) {
      console.warn("The sound could not be played:", error);
    }
  }
}
