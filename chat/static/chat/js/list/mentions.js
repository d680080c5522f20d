/**
 * Where the user is mentioned and has not read it, in all conversations: the mark in the list, and the key that leads
 * there. The page brings what is unread; messages add to it, and what is read is left out, like everything unread.
 */

import { Emitter } from "../core/emitter.js";
import { isComposing } from "../ui/ime.js";
import { makeUrl, slot } from "../ui/page.js";

/** @typedef {import("../core/client.js").Client} Client */

/** @type {WeakMap<Client, MentionStore>} */
const stores = new WeakMap();

/** The one of this page. @param {Client} client @param {import("../ui/page.js").Boot} boot */
export function mentionsOf(client, boot) {
  const store = stores.get(client) ?? new MentionStore(client, boot);
  stores.set(client, store);
  return store;
}

/** @extends {Emitter<{mentioned: [conversation: string, seq: number], changed: [conversation: string]}>} */
class MentionStore extends Emitter {
  #client;
  #boot;
  /** @type {Map<string, Set<number>>} by conversation, read or not */
  #seqs;
  /** The open conversation; `next` goes to the next one in it, and is false when there is none. @type {{cid: string, next: () => boolean} | null} */
  here = null;

  /** @param {Client} client @param {import("../ui/page.js").Boot} boot */
  constructor(client, boot) {
    super();
    this.#client = client;
    this.#boot = boot;
    this.#seqs = new Map(Object.entries(boot.mentions ?? {}).map(([id, seqs]) => [id, new Set(seqs)]));
    this.#catchUp();
    client.store.on("message", (message, isNew) => this.#take(message, isNew));
    client.store.on("conversation", ({ conversation }) => this.#seqs.has(conversation) && this.emit("changed", conversation));
    client.store.on("reset", () => void this.#ask());
  }

  /** @returns {string[]} the conversations with any */
  ids() {
    return [...this.#seqs.keys()].filter((id) => this.unread(id).length > 0);
  }

  /** @param {string} id @returns {number[]} rising */
  unread(id) {
    const { readSeq } = this.#client.store.progress(id);
    return [...(this.#seqs.get(id) ?? [])].filter((seq) => seq > readSeq).sort((a, b) => a - b);
  }

  /** What came since the page was drawn, and before this was loaded. */
  #catchUp() {
    const { store } = this.#client;
    for (const id of store.ids()) {
      let seq = store.progress(id).lastSeq;
      for (let held = store.message(id, seq); held; held = store.message(id, (seq -= 1))) this.#take(held, false);
    }
  }

  /** @param {import("../core/frames.js").Message} message @param {boolean} isNew */
  #take({ conversation, seq, sender, mentions, recalled_at }, isNew) {
    const { me } = this.#client.store;
    const seqs = this.#seqs.get(conversation) ?? new Set();
    if (recalled_at && seqs.delete(seq)) this.emit("changed", conversation);
    if (recalled_at || sender === me || !mentions?.includes(me) || seqs.has(seq)) return;
    this.#seqs.set(conversation, seqs.add(seq));
    if (isNew && this.unread(conversation).includes(seq)) this.emit("mentioned", conversation, seq);
    this.emit("changed", conversation);
  }

  /** @returns {Promise<{conversation: string, seq: number}[]>} rejects without a network */
  async #listed() {
    const answer = await fetch(`${this.#boot.api}mentions/`, { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).results : [];
  }

  /** What was missed was too much to come message by message. */
  async #ask() {
    for (const { conversation, seq } of await this.#listed().catch(() => [])) {
      this.#seqs.set(conversation, (this.#seqs.get(conversation) ?? new Set()).add(seq));
      this.emit("changed", conversation);
    }
  }
}

/**
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {Client} parts.client
 * @param {import("../ui/list.js").ConversationList} parts.conversations
 * @param {import("../ui/current.js").Current} parts.current
 * @param {import("../ui/text.js").Words} parts.words
 * @param {import("../ui/alert.js").Alert} parts.alert
 */
export function showMentions({ boot, client, conversations, current, words, alert }) {
  const mentions = mentionsOf(client, boot);
  const mark = (/** @type {string} */ id) => {
    const row = conversations.row(id);
    const sign = row && slot(row, "mentioned");
    if (sign) sign.hidden = mentions.unread(id).length === 0;
  };
  for (const id of client.store.ids()) mark(id);
  // After the list has drawn the row anew.
  mentions.on("changed", (id) => queueMicrotask(() => queueMicrotask(() => mark(id))));

  const goToNext = () => {
    if (mentions.here?.next()) return;
    const [cid] = mentions.ids().filter((id) => id !== mentions.here?.cid);
    if (!cid) return alert.show(words.say("no_mentions"));
    const [seq] = mentions.unread(cid);
    current.go(`${makeUrl(boot.urls.permalink, { cid, seq })}#m${seq}`);
  };
  addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented || event.key !== "PageDown") return;
    if (!event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    // In a text this key belongs to the text.
    if (/** @type {HTMLInputElement} */ (event.target).value) return;
    event.preventDefault();
    goToNext();
  });
}
