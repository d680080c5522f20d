/**
 * The open conversation, kept true to the store and the outbox: every message once, in order, in its newest state.
 *
 * What arrives in one go is shown in one change. A row that only the server can draw (a system line, somebody new, a
 * quote from far up, a forward, an own text with markup) is asked for by its number and takes the place of what was
 * shown before.
 *
 * @typedef {import("../core/frames.js").Message} Message
 * @typedef {import("../core/outbox.js").Item} Item
 */

import { Emitter } from "../core/emitter.js";
import { mayHaveMarkup } from "./content.js";
import { seqOf } from "./row_list.js";

/** @extends {Emitter<{arrived: [message: Message], changed: []}>} */
export class Timeline extends Emitter {
  #cid;
  #client;
  #list;
  #maker;
  #keeper;
  #history;
  #api;
  #people;
  #words;
  #kind;
  /** @type {Map<number, Message>} what arrived since the last change, newest state only */
  #arrived = new Map();

  /**
   * @param {object} parts
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("./row_list.js").RowList} parts.list
   * @param {import("./row.js").RowMaker} parts.maker
   * @param {import("./scroll_keeper.js").ScrollKeeper} parts.keeper
   * @param {import("./history.js").History} parts.history
   * @param {import("./api.js").Api} parts.api
   * @param {import("./people.js").People} parts.people
   * @param {import("./text.js").Words} parts.words
   * @param {import("../core/frames.js").Conversation} parts.conversation
   * @param {AbortSignal} parts.signal
   */
  constructor({ client, list, maker, keeper, history, api, people, words, conversation, signal }) {
    super();
    this.#cid = conversation.conversation;
    this.#kind = conversation.kind;
    this.#client = client;
    this.#list = list;
    this.#maker = maker;
    this.#keeper = keeper;
    this.#history = history;
    this.#api = api;
    this.#people = people;
    this.#words = words;
    this.#noteFacts(list.rows());
    this.#wire(signal);
  }

  /** What changed, and what waits, while this conversation was not in the page. @param {Message[]} messages */
  catchUp(messages) {
    this.#keeper.change(() => {
      for (const message of messages) this.#show(message);
      this.#history.trim();
    });
    if (!this.#history.isDetached) for (const item of this.#client.outbox.items()) this.#showItem(item);
    this.#showTicks();
  }

  /** A message of the user's goes to the end of the conversation, and the reader with it. */
  async followOwn() {
    await this.#history.toLatest();
  }

  /** @param {AbortSignal} signal */
  #wire(signal) {
    const { store, outbox } = this.#client;
    const takeArrived = (/** @type {Message} */ message, /** @type {boolean} */ isNew) => {
      if (message.conversation !== this.#cid) return;
      if (this.#arrived.size === 0) queueMicrotask(() => this.#showArrived());
      this.#arrived.set(message.seq, message);
      if (isNew) this.emit("arrived", message);
    };
    store.on("message", takeArrived, signal);
    store.on("reset", (id) => void (id === this.#cid && this.#history.reload()), signal);
    store.on("receipt", (id) => id === this.#cid && this.#showTicks(), signal);
    store.on("conversation", ({ conversation }) => conversation === this.#cid && this.#showTicks(), signal);
    outbox.on("change", (item) => this.#showItem(item), signal);
    // After what has just arrived: mostly that is the message itself, which takes the place of this row.
    outbox.on("removed", (id) => queueMicrotask(() => this.#removePending(id)), signal);
    this.#history.on("loaded", (elements) => {
      this.#noteFacts(elements);
      this.catchUp([]);
      this.emit("changed");
    });
  }

  #showArrived() {
    const messages = [...this.#arrived.values()].sort((a, b) => a.seq - b.seq);
    this.#arrived.clear();
    this.#keeper.change(() => {
      for (const message of messages) this.#show(message);
      this.#history.trim();
    });
    this.#showTicks();
    this.emit("changed");
  }

  /** @param {Message} message */
  #show(message) {
    const waiting = message.sender === this.#client.store.me ? this.#list.pending(message.id) : null;
    const old = this.#list.bySeq(message.seq);
    if (!old && !waiting && !this.#history.covers(message.seq)) return;
    if (old && Number(old.dataset.version) > message.version) return;
    const quoted = message.reply_to ? this.#list.bySeq(message.reply_to) : null;
    const isKnown = message.kind !== "system" && this.#people.has(message.sender);
    if (isKnown) this.#list.put(this.#maker.fromMessage(message, quoted));
    if (!isKnown || this.#lacksSomething(message, quoted)) void this.#fetchRow(message.seq);
  }

  /** @param {Message} message @param {HTMLElement | null} quoted */
  #lacksSomething(message, quoted) {
    if (message.recalled_at) return false;
    const isBare = message.html === undefined && mayHaveMarkup(message.content);
    const isStrange = Object.values(message.reactions ?? {}).some((users) => users.some((user) => !this.#people.has(user)));
    return isBare || isStrange || message.payload?.forwarded_from !== undefined || (message.reply_to !== undefined && !quoted);
  }

  /** @param {number} seq */
  async #fetchRow(seq) {
    const drawn = await this.#api.row(this.#cid, seq);
    if (!drawn) return;
    this.#people.add(drawn.people);
    const old = this.#list.bySeq(seq);
    if (old ? Number(old.dataset.version) > Number(drawn.row.dataset.version) : !this.#history.covers(seq)) return;
    this.#keeper.change(() => {
      this.#list.put(drawn.row);
      this.#history.trim();
    });
    this.#showTicks();
    this.emit("changed");
  }

  /** @param {Item} item */
  #showItem(item) {
    if (item.draft.conversation !== this.#cid || this.#history.isDetached) return;
    const row = this.#list.pending(item.id);
    this.#keeper.change(() => {
      if (row) this.#maker.updatePending(row, item);
      else this.#list.putPending(this.#maker.fromItem(item, this.#quotedBy(item)));
    });
  }

  /** @param {string} id */
  #removePending(id) {
    if (this.#list.pending(id)) this.#keeper.change(() => this.#list.removePending(id));
  }

  /** @param {Item} item */
  #quotedBy({ draft }) {
    return draft.reply_to ? this.#list.bySeq(draft.reply_to) : null;
  }

  #showTicks() {
    const others = this.#client.store.othersReceipts(this.#cid);
    for (const row of this.#list.rows()) {
      const seq = seqOf(row);
      if (!seq || !row.classList.contains("own") || row.classList.contains("recalled")) continue;
      const readers = others.filter(([, read]) => read >= seq).length;
      if (readers > 0 && this.#kind !== "direct") {
        this.#maker.setState(row, "read", this.#words.say("read_by", { count: readers }));
      } else if (readers > 0) this.#maker.setState(row, "read");
      else this.#maker.setState(row, others.some(([received]) => received >= seq) ? "delivered" : "sent");
    }
  }

  /** Unread numbers are exact as far as the rows between are known. @param {HTMLElement[]} elements */
  #noteFacts(elements) {
    const facts = elements
      .filter((each) => each.dataset.mid)
      .map((row) => ({
        seq: seqOf(row),
        version: Number(row.dataset.version) || 0,
        kind: row.classList.contains("system") ? "system" : (row.dataset.kind ?? "text"),
        recalled_at: row.classList.contains("recalled") ? 1 : undefined,
      }));
    this.#client.store.noteRows(this.#cid, facts);
  }
}
