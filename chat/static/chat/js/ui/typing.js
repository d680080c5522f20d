/**
 * Who is writing: said to the others every 3 s while it lasts, shown here for 5 s. The line has its own fixed place, so
 * nothing moves when it appears; the list shows it of every conversation.
 */

const SEND_EVERY_MS = 3_000;
const SHOWN_MS = 5_000;

export class Typing {
  #client;
  #people;
  #words;
  #list;
  #openId = "";
  #lastSentAt = 0;
  /** @type {Map<string, Map<string, ReturnType<typeof setTimeout>>>} timers by user, by conversation */
  #writers = new Map();

  /**
   * @param {object} parts
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("./people.js").People} parts.people
   * @param {import("./text.js").Words} parts.words
   * @param {import("./list.js").ConversationList} parts.list
   */
  constructor({ client, people, words, list }) {
    this.#client = client;
    this.#people = people;
    this.#words = words;
    this.#list = list;
    client.on("typing", (conversation, user) => this.#begin(conversation, user));
    client.store.on("message", ({ conversation, sender }, isNew) => isNew && this.#end(conversation, sender));
  }

  /** This conversation is the one in the page now. @param {string} id */
  open(id) {
    this.#openId = id;
    this.#lastSentAt = 0;
    this.#show(id);
  }

  /** Something was typed into the box of the open conversation. */
  typed() {
    const now = Date.now();
    if (now - this.#lastSentAt < SEND_EVERY_MS) return;
    this.#lastSentAt = now;
    this.#client.sendTyping(this.#openId);
  }

  /** It was sent: the next letter is news again. */
  sent() {
    this.#lastSentAt = 0;
  }

  /** @param {string} conversation @param {string} user */
  #begin(conversation, user) {
    const writers = this.#writers.get(conversation) ?? new Map();
    this.#writers.set(conversation, writers);
    clearTimeout(writers.get(user));
    writers.set(user, setTimeout(() => this.#end(conversation, user), SHOWN_MS));
    this.#show(conversation);
  }

  /** @param {string} conversation @param {string} user */
  #end(conversation, user) {
    const writers = this.#writers.get(conversation);
    if (!writers?.has(user)) return;
    clearTimeout(writers.get(user));
    writers.delete(user);
    this.#show(conversation);
  }

  /** @param {string} conversation */
  #show(conversation) {
    const users = [...(this.#writers.get(conversation)?.keys() ?? [])];
    this.#list.showTyping(conversation, users.length > 0 ? this.#words.say("typing_preview") : "");
    const line = conversation === this.#openId ? document.getElementById("typing") : null;
    if (line) line.textContent = this.#sentence(users);
  }

  /** @param {string[]} users */
  #sentence(users) {
    const [name, other] = users.map((user) => this.#people.name(user));
    if (users.length === 0) return "";
    if (users.length === 1) return this.#words.say("typing_one", { name });
    if (users.length === 2) return this.#words.say("typing_two", { name, other });
    return this.#words.say("typing_many");
  }
}
