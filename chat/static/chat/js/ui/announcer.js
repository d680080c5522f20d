/**
 * Says new messages of the open conversation to screen readers, and nothing else: a live region on the timeline itself
 * would read out every page of history and every edit. At most one text per second; a burst becomes one sentence.
 */

import { preview } from "./content.js";

const EVERY_MS = 1_000;
const BURST = 3;
const KEPT_MS = 10_000;

export class Announcer {
  #place;
  #words;
  #people;
  /** @type {{sender: string, content: string}[]} */
  #waiting = [];
  #isResting = false;

  /** @param {HTMLElement} place `#announcer` @param {import("./text.js").Words} words @param {import("./people.js").People} people */
  constructor(place, words, people) {
    this.#place = place;
    this.#words = words;
    this.#people = people;
  }

  /** @param {import("../core/frames.js").Message} message */
  say({ sender, content, kind }) {
    this.#waiting.push({ sender, content: [this.#words.kind(kind), content].filter(Boolean).join(" ") });
    this.#next();
  }

  #next() {
    if (this.#isResting || this.#waiting.length === 0) return;
    this.#isResting = true;
    // A page of missed messages arrives in one task: wait for the end of it before the first is said.
    queueMicrotask(() => this.#speak());
    setTimeout(() => {
      this.#isResting = false;
      this.#next();
    }, EVERY_MS);
  }

  #speak() {
    const isBurst = this.#waiting.length > BURST;
    const taken = this.#waiting.splice(0, isBurst ? Infinity : 1);
    const line = document.createElement("p");
    if (isBurst) {
      const names = [...new Set(taken.map(({ sender }) => this.#people.name(sender)))];
      line.textContent = this.#words.say("announce_many", { count: taken.length, names: this.#words.list(names) });
    } else {
      const [{ sender, content }] = taken;
      line.textContent = this.#words.say("announce_message", { name: this.#people.name(sender), text: preview(content, 300) });
    }
    this.#place.append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }
}
