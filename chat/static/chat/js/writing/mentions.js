/**
 * Whom “@” means in this conversation: the other members, by name, username and pinyin; and everybody.
 *
 * @typedef {import("../list/matching.js").Name} Name
 * @typedef {import("./suggestions.js").Suggestion} Suggestion
 */

import { findNames, prepare } from "../list/matching.js";
import { inTime, mentionsEveryone, namesIn } from "../ui/mentioned.js";
import { makeUrl } from "../ui/page.js";
import { drawAvatar } from "../ui/people.js";
import { SHOWN } from "./suggestions.js";

/** In a large conversation the server is asked, once the typing pauses. */
const ASK_AFTER_MS = 150;
const ALL = "all";

export class Mentions {
  #view;
  #url;
  /** @type {Promise<{isAll: boolean, everyone: string[], names: import("../list/matching.js").Prepared[]}> | null} */
  #members = null;
  /** @type {string[]} who was found so far: how their usernames are written */
  #known = [];
  /** @type {string[]} whom “@all” means; nobody before that is known, and where they are too many */
  #everyone = [];
  #asked = 0;

  /** @param {import("./start.js").View} view */
  constructor(view) {
    this.#view = view;
    this.#url = `${makeUrl(view.boot.urls.conversation, { cid: view.conversation.conversation })}names/`;
  }

  /** Before the first “@”, so that the list is there with it. */
  load() {
    this.#members ??= this.#fetch("").catch((error) => {
      this.#members = null; // the next time
      throw error;
    });
    return this.#members;
  }

  /** @param {string} query @returns {Promise<Suggestion[]>} */
  async find(query) {
    const { isAll, names } = await this.load();
    const members = isAll ? findNames(query, this.#lastWritersFirst(names), SHOWN) : await this.#ask(query);
    const everyone = findNames(query, this.#everyoneAsName().map(prepare), 1).map((entry) => this.#drawEveryone(entry));
    const people = members.map((entry) => this.#draw(entry));
    // After those whose names match as well: to call everybody is the exception.
    return [...people.slice(0, SHOWN - everyone.length), ...everyone];
  }

  /** @param {string} content @returns {string[]} the usernames that a message mentions */
  in(content) {
    if (mentionsEveryone(content) && this.#everyone.length > 0) return this.#everyone;
    return namesIn(content, this.#known);
  }

  /** How many people “@all” calls: 0 where it calls nobody, and when the server does not say in time. */
  async countCalled() {
    await inTime(this.load());
    return this.#everyone.length;
  }

  /** @param {string} query */
  async #fetch(query) {
    const answer = await fetch(`${this.#url}?${new URLSearchParams({ q: query })}`, {
      headers: { Accept: "application/json" },
      signal: this.#view.signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    /** @type {{is_all: boolean, everyone: string[], names: Name[]}} */
    const { is_all: isAll, everyone, names } = await answer.json();
    if (isAll && this.#view.conversation.kind !== "direct") this.#everyone = everyone;
    this.#known = [...new Set([...this.#known, ...names.map(({ username }) => username)])];
    return { isAll, everyone, names: names.map(prepare) };
  }

  /** @param {string} query @returns {Promise<Name[]>} none when something else has been typed meanwhile */
  async #ask(query) {
    this.#asked += 1;
    const asked = this.#asked;
    await new Promise((resolve) => setTimeout(resolve, ASK_AFTER_MS));
    if (asked !== this.#asked) return [];
    return (await this.#fetch(query)).names.map(({ entry }) => entry);
  }

  /** One mostly answers. @param {import("../list/matching.js").Prepared[]} names */
  #lastWritersFirst(names) {
    const writers = [...new Set(this.#view.list.rows().map((row) => row.dataset.sender ?? ""))].reverse();
    const rank = new Map(writers.map((username, index) => [username, index]));
    const rankOf = (/** @type {Name} */ { username }) => rank.get(username) ?? writers.length;
    return [...names].sort((a, b) => rankOf(a.entry) - rankOf(b.entry));
  }

  /** @returns {Name[]} */
  #everyoneAsName() {
    if (this.#everyone.length < 2) return [];
    const name = this.#view.words.say("mention_all");
    return [
      { name, username: ALL, pinyin: "", conversation: "", avatar: null, initials: "@", color: 0, square: true },
    ];
  }

  /** @param {Name} entry @returns {Suggestion} */
  #draw(entry) {
    const { name, username } = entry;
    return { text: `@${username} `, name, detail: `@${username}`, draw: (place) => drawAvatar(place, entry) };
  }

  /** @param {Name} entry @returns {Suggestion} */
  #drawEveryone(entry) {
    const detail = this.#view.words.say("mention_all_count", { count: this.#everyone.length });
    return { ...this.#draw(entry), detail };
  }
}
