/**
 * What is known of conversations and messages. Pure: no clock, no network, no DOM.
 *
 * One rule for messages: of two states of the same (conversation, seq) the higher version wins. Unread numbers are
 * derived, never counted up and down: the server's last word about a conversation is kept as it came (the baseline),
 * and what followed is laid over it.
 *
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Receipt} Receipt
 *
 * What unread counts need of a message; the rows of a page that the server rendered give no more.
 * @typedef {Pick<Message, "seq" | "version" | "kind" | "recalled_at">} Facts
 *
 * @typedef {object} Entry
 * @property {Conversation} baseline As the server last said it.
 * @property {Map<number, Message>} messages Whole messages, by seq.
 * @property {Map<number, Facts>} facts
 * @property {number} last_seq
 * @property {number} version
 * @property {number} read_seq
 * @property {Record<string, [number, number]>} receipts
 * @property {Message | undefined} last_message
 */

import { Emitter } from "./emitter.js";

/** Whole messages kept per conversation. The timeline shows 300 rows; older ones are read from the server again. */
export const KEPT_MESSAGES = 500;
/** Above this many facts, those of messages read long ago are let go of. */
const KEPT_FACTS = 2000;

/** @param {Facts} facts */
const isCounted = (facts) => facts.kind !== "system" && !facts.recalled_at;

/**
 * @extends {Emitter<{
 *   message: [message: Message, isNew: boolean],
 *   conversation: [conversation: Conversation],
 *   removed: [conversation: string],
 *   reset: [conversation: string],
 *   receipt: [conversation: string, receipt: Receipt],
 *   unknown: [conversation: string],
 * }>}
 */
export class Store extends Emitter {
  /** @type {Map<string, Entry>} */
  #entries = new Map();

  /** @param {string} me The username of the session's user. */
  constructor(me) {
    super();
    this.me = me;
  }

  /** @returns {string[]} */
  ids() {
    return [...this.#entries.keys()];
  }

  /** @param {string} id */
  has(id) {
    return this.#entries.has(id);
  }

  /** @param {string} id @returns {Conversation | null} its current state, the unread number included */
  conversation(id) {
    const entry = this.#entries.get(id);
    if (!entry) return null;
    return {
      ...entry.baseline,
      last_seq: entry.last_seq,
      version: entry.version,
      read_seq: entry.read_seq,
      unread: this.unread(id).count,
      receipts: entry.receipts,
      last_message: entry.last_message,
    };
  }

  /** How far the conversation and its reader are, without the work of counting. @param {string} id */
  progress(id) {
    const entry = this.#entries.get(id);
    return { lastSeq: entry?.last_seq ?? 0, readSeq: entry?.read_seq ?? 0 };
  }

  /** How far the others are: [received_seq, read_seq] of each. @param {string} id @returns {[number, number][]} */
  othersReceipts(id) {
    const receipts = Object.entries(this.#entries.get(id)?.receipts ?? {});
    return receipts.filter(([user]) => user !== this.me).map(([, reached]) => reached);
  }

  /** @param {string} id @param {number} seq */
  message(id, seq) {
    return this.#entries.get(id)?.messages.get(seq) ?? null;
  }

  /** Whole messages that changed after this version, as far as they are kept; by seq. @param {string} id @param {number} version */
  changesAfter(id, version) {
    const messages = [...(this.#entries.get(id)?.messages.values() ?? [])];
    return messages.filter((message) => message.version > version).sort((a, b) => a.seq - b.seq);
  }

  /** @param {Conversation} conversation the server's word, from a `conversation` frame, a `sync` page or the page itself */
  applyConversation(conversation) {
    const id = conversation.conversation;
    if (conversation.left) {
      this.remove(id);
      return;
    }
    const known = this.#entries.get(id);
    const entry = known && !conversation.reset ? known : newEntry(conversation);
    this.#entries.set(id, entry);
    entry.baseline = conversation;
    entry.last_seq = Math.max(entry.last_seq, conversation.last_seq);
    entry.version = Math.max(entry.version, conversation.version);
    entry.read_seq = conversation.read_seq;
    for (const [user, [received, read]] of Object.entries(conversation.receipts ?? {})) raise(entry, user, received, read);
    const last = conversation.last_message;
    if (last) {
      this.#takeLast(entry, last);
      noteFacts(entry, last);
    }
    if (known && conversation.reset) this.emit("reset", id);
    this.emit("conversation", /** @type {Conversation} */ (this.conversation(id)));
  }

  /** @param {string} id */
  remove(id) {
    if (this.#entries.delete(id)) this.emit("removed", id);
  }

  /** Everything known is void: the store behind the server is another one. */
  clear() {
    for (const id of this.ids()) {
      const entry = /** @type {Entry} */ (this.#entries.get(id));
      entry.messages.clear();
      entry.facts.clear();
      this.emit("reset", id);
    }
  }

  /** @param {Message} message @returns {boolean} whether this state was news */
  applyMessage(message) {
    const entry = this.#entries.get(message.conversation);
    if (!entry) {
      this.emit("unknown", message.conversation);
      return false;
    }
    const known = entry.facts.get(message.seq);
    const held = entry.messages.get(message.seq);
    // The same version again may still say more: an acknowledged row has no `html` until its frame comes.
    if (known && (known.version > message.version || (known.version === message.version && isSame(held, message)))) {
      return false;
    }
    entry.messages.set(message.seq, message);
    noteFacts(entry, message);
    if (entry.facts.size > KEPT_FACTS) forgetReadFacts(entry);
    if (entry.messages.size > KEPT_MESSAGES) entry.messages.delete(Math.min(...entry.messages.keys()));
    entry.last_seq = Math.max(entry.last_seq, message.seq);
    entry.version = Math.max(entry.version, message.version);
    this.#takeLast(entry, message);
    if (message.sender === this.me) {
      entry.read_seq = Math.max(entry.read_seq, message.seq);
      raise(entry, this.me, message.seq, message.seq);
    } else {
      raise(entry, message.sender, message.seq, message.seq);
    }
    this.emit("message", message, !known);
    this.emit("conversation", /** @type {Conversation} */ (this.conversation(message.conversation)));
    return true;
  }

  /** What a page rendered by the server shows already. @param {string} id @param {Facts[]} facts */
  noteRows(id, facts) {
    const entry = this.#entries.get(id);
    if (entry) for (const each of facts) noteFacts(entry, each);
  }

  /** The user read up to here. Only grows. @param {string} id @param {number} seq @returns {boolean} */
  advanceRead(id, seq) {
    const entry = this.#entries.get(id);
    const to = entry && Math.min(seq, entry.last_seq);
    if (!entry || !to || to <= entry.read_seq) return false;
    entry.read_seq = to;
    this.emit("conversation", /** @type {Conversation} */ (this.conversation(id)));
    return true;
  }

  /** The user marked unread what comes after this seq. @param {string} id @param {number} seq */
  lowerRead(id, seq) {
    const entry = this.#entries.get(id);
    if (!entry || seq >= entry.read_seq) return;
    const after = [...entry.facts.values()].filter((facts) => facts.seq > seq && facts.seq <= entry.last_seq);
    const unknown = entry.last_seq - seq - after.length;
    const unread = unknown + after.filter(isCounted).length;
    entry.read_seq = seq;
    entry.baseline = { ...entry.baseline, last_seq: entry.last_seq, read_seq: seq, unread };
    this.emit("conversation", /** @type {Conversation} */ (this.conversation(id)));
  }

  /** @param {Receipt} receipt */
  applyReceipt(receipt) {
    const entry = this.#entries.get(receipt.conversation);
    if (!entry) return;
    raise(entry, receipt.user, receipt.received_seq ?? 0, receipt.read_seq ?? 0);
    this.emit("receipt", receipt.conversation, receipt);
  }

  /**
   * Unread now. The baseline's own number holds for its messages after its `read_seq`; of those, the ones recalled
   * since no longer count (a recall is a message's last change, so its version tells when), and of a part of them that
   * was read only messages known here can be told apart. `exact` is false when some are not: then the server knows better.
   *
   * @param {string} id
   * @returns {{count: number, exact: boolean}}
   */
  unread(id) {
    const entry = this.#entries.get(id);
    if (!entry) return { count: 0, exact: true };
    const { baseline, facts, read_seq: readSeq } = entry;
    let count = 0;
    let recalledSince = 0;
    let knownBefore = 0;
    let countedBefore = 0;
    for (const each of facts.values()) {
      if (each.seq > baseline.last_seq) {
        if (each.seq > readSeq && isCounted(each)) count += 1;
      } else {
        if (each.seq > baseline.read_seq && each.recalled_at && each.version > baseline.version) recalledSince += 1;
        if (each.seq > readSeq) knownBefore += 1;
        if (each.seq > readSeq && isCounted(each)) countedBefore += 1;
      }
    }
    const before = Math.max(0, baseline.unread - recalledSince);
    const left = baseline.last_seq - readSeq;
    if (left <= 0 || before === 0) return { count, exact: true };
    if (readSeq <= baseline.read_seq) return { count: count + before, exact: true };
    const exact = knownBefore === left;
    return { count: count + Math.min(before, exact ? countedBefore : left), exact };
  }

  /** @param {Entry} entry @param {Message} message */
  #takeLast(entry, message) {
    const last = entry.last_message;
    const isLater = !last || message.seq > last.seq || (message.seq === last.seq && message.version >= last.version);
    if (isLater) entry.last_message = message;
  }
}

/** @param {Conversation} conversation @returns {Entry} */
function newEntry(conversation) {
  return {
    baseline: conversation,
    messages: new Map(),
    facts: new Map(),
    last_seq: conversation.last_seq,
    version: conversation.version,
    read_seq: conversation.read_seq,
    receipts: {},
    last_message: conversation.last_message,
  };
}

/** @param {Entry} entry @param {Facts} facts */
function noteFacts(entry, { seq, version, kind, recalled_at }) {
  const known = entry.facts.get(seq);
  if (!known || known.version <= version) entry.facts.set(seq, { seq, version, kind, recalled_at });
}

/** @param {Entry} entry */
function forgetReadFacts(entry) {
  const floor = Math.min(entry.read_seq, entry.baseline.read_seq, entry.last_seq - KEPT_FACTS / 2);
  for (const seq of entry.facts.keys()) if (seq <= floor) entry.facts.delete(seq);
}

/** Receipts only grow. @param {Entry} entry @param {string} user @param {number} received @param {number} read */
function raise(entry, user, received, read) {
  const [oldReceived, oldRead] = entry.receipts[user] ?? [0, 0];
  const newRead = Math.max(oldRead, read);
  entry.receipts[user] = [Math.max(oldReceived, received, newRead), newRead];
}

/** @param {Message | undefined} held @param {Message} message */
const isSame = (held, message) => held !== undefined && held.html === message.html;
