/**
 * The conversation list, kept true to the store: which rows there are and in what order, and the sum in the tab's
 * title. Pinned first, then last activity; a row that moves keeps the keyboard's focus.
 *
 * @typedef {import("../core/frames.js").Conversation} Conversation
 */

import { slot } from "./page.js";

const MINUTE_MS = 60_000;

export class ConversationList {
  #place;
  #maker;
  #client;
  #drafts;
  #openId;
  /** Every row, in order. @type {HTMLElement[]} */
  #rows;
  /** What they are ordered by: asked for a thousand times when a thousand come. @type {WeakMap<HTMLElement, [number, number]>} */
  #ranks = new WeakMap();
  /** @type {import("../list/window.js").ListWindow | null} what shows only the rows that are near, once it is loaded */
  #window = null;
  #title = document.title.replace(/^\(\d+\) /, "");
  /** Unread of conversations that this page knows nothing else of. @type {Map<string, number>} */
  #unreadElsewhere;
  /** @type {Map<string, string>} who is typing, in words, by conversation */
  #typing = new Map();
  #filter;
  /** @type {Set<string>} conversations to redraw: a page of missed messages redraws each once */
  #dirty = new Set();
  /** @type {Map<string, string>} what each preview was drawn from: the server's is left alone until that changes */
  #drawn = new Map();

  /**
   * @param {HTMLElement} place the list
   * @param {object} parts
   * @param {import("./conversation_row.js").ConversationRowMaker} parts.maker
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {import("./page.js").Boot} parts.boot
   */
  constructor(place, { maker, client, drafts, boot }) {
    this.#place = place;
    this.#rows = /** @type {HTMLElement[]} */ ([...place.children]);
    this.#maker = maker;
    this.#client = client;
    this.#drafts = drafts;
    this.#filter = boot.filter;
    this.#openId = boot.conversation?.conversation ?? "";
    this.#unreadElsewhere = new Map(Object.entries(boot.unread_elsewhere ?? {}));
    for (const each of boot.conversations) this.#drawn.set(each.conversation, signature(each, {}));
    client.store.on("conversation", ({ conversation }) => this.#changed(conversation));
    client.store.on("receipt", (id) => this.#changed(id));
    client.store.on("removed", (id) => this.#remove(id));
    client.outbox.on("change", (item) => this.#refreshPreview(item.draft.conversation ?? ""));
    client.outbox.on("removed", () => this.#refreshFailed());
    drafts.onElsewhere((id) => this.#changed(id));
    for (const id of client.store.ids()) this.#refreshPreview(id);
    setInterval(() => this.#refreshTimes(), MINUTE_MS);
  }

  /** @param {string} id @param {string} text who is typing there, in words; empty for nobody */
  showTyping(id, text) {
    if (text) this.#typing.set(id, text);
    else this.#typing.delete(id);
    this.#refreshPreview(id);
  }

  /** Another conversation is in the page, or none. @param {string} id @param {string} title of the page */
  open(id, title) {
    const before = this.#openId;
    this.#openId = id;
    this.#title = title;
    for (const each of [before, id]) {
      const link = this.row(each)?.querySelector("a");
      if (each === id) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
      this.#changed(each);
    }
  }

  /** @param {import("../list/window.js").ListWindow} listWindow */
  useWindow(listWindow) {
    this.#window = listWindow;
    listWindow.show(this.#rows);
  }

  /** The row before or after the open one. @param {number} step @param {boolean} unreadOnly @returns {string | null} its address */
  neighbour(step, unreadOnly) {
    const rows = this.#rows;
    const open = rows.findIndex((row) => row.dataset.cid === this.#openId);
    for (let index = open + step; index >= 0 && index < rows.length; index += step) {
      if (!unreadOnly || rows[index].dataset.unread !== "0") return rows[index].querySelector("a")?.href ?? null;
    }
    return null;
  }

  /** The row of a conversation, be it near the view or not. @param {string} id */
  row(id) {
    return this.#rows.find((row) => row.dataset.cid === id) ?? null;
  }

  /** @param {string} id */
  #changed(id) {
    if (this.#dirty.size === 0) queueMicrotask(() => this.#redraw());
    this.#dirty.add(id);
  }

  #redraw() {
    for (const id of this.#dirty) {
      const conversation = this.#client.store.conversation(id);
      if (conversation) this.#update(conversation);
    }
    this.#dirty.clear();
    this.#showRows();
    this.#showTitle();
  }

  /** @param {Conversation} conversation */
  #update(conversation) {
    const id = conversation.conversation;
    this.#unreadElsewhere.delete(id);
    if (!this.#belongs(conversation)) {
      this.#drop(id);
      return;
    }
    let row = this.row(id);
    if (!row) {
      row = this.#maker.make(conversation);
      document.getElementById("empty-list")?.toggleAttribute("hidden", true);
    }
    this.#maker.update(row, conversation);
    this.#move(row);
    this.#refreshPreview(id);
  }

  /**
   * Whether this list has it, by its filter. News brings an archived one back until it is read. Of what is unread, the
   * open one stays while it is.
   *
   * @param {Conversation} conversation
   */
  #belongs({ conversation: id, kind, archived, muted, unread, last_message: last }) {
    if (this.#filter === "drafts") return Boolean(this.#drafts.read(id)?.text);
    if (this.#filter === "archived") return archived;
    if (archived && (muted || unread === 0)) return false;
    if (this.#filter === "mentions") return this.row(id) !== null || isForMe(last, this.#client.store.me);
    if (this.#filter === "groups") return kind !== "direct";
    return this.#filter !== "unread" || unread > 0 || id === this.#openId;
  }

  /** @param {string} id */
  #remove(id) {
    this.#drop(id);
    this.#showRows();
    this.#showTitle();
  }

  /** @param {string} id */
  #drop(id) {
    const row = this.row(id);
    if (row) this.#rows.splice(this.#rows.indexOf(row), 1);
    row?.remove();
    this.#drawn.delete(id);
    document.getElementById("empty-list")?.toggleAttribute("hidden", this.#rows.length > 0);
  }

  /** @param {string} id */
  #refreshPreview(id) {
    const row = this.row(id);
    const conversation = this.#client.store.conversation(id);
    if (!row || !conversation) return;
    const special = this.#special(id);
    const drawnFrom = signature(conversation, special);
    if (this.#drawn.get(id) === drawnFrom) return;
    this.#drawn.set(id, drawnFrom);
    this.#maker.showPreview(row, conversation, special);
  }

  #refreshFailed() {
    for (const row of this.#rows) if (row.querySelector(".conv-preview.failed")) this.#refreshPreview(row.dataset.cid ?? "");
  }

  /** @param {string} id @returns {import("./conversation_row.js").Special} */
  #special(id) {
    const items = this.#client.outbox.items();
    return {
      // The open conversation's draft is in its message box.
      draft: (id !== this.#openId && this.#drafts.read(id)?.text) || undefined,
      failed: items.find((item) => item.draft.conversation === id && item.state === "failed")?.draft.content,
      typing: this.#typing.get(id),
    };
  }

  #refreshTimes() {
    for (const row of this.#rows) {
      const last = this.#client.store.conversation(row.dataset.cid ?? "")?.last_message;
      this.#maker.showTime(row, last);
    }
  }

  /** @param {HTMLElement} row */
  #move(row) {
    const rank = rankOf(row);
    this.#ranks.set(row, rank);
    const index = this.#rows.indexOf(row);
    const after = this.#rows.find((each) => each !== row && isLater(rank, this.#rank(each))) ?? null;
    if (index >= 0 && after === (this.#rows[index + 1] ?? null)) return;
    if (index >= 0) this.#rows.splice(index, 1);
    this.#rows.splice(after ? this.#rows.indexOf(after) : this.#rows.length, 0, row);
    if (this.#window) return;
    const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    this.#place.insertBefore(row, after);
    focused?.focus({ preventScroll: true });
  }

  /** Once for all that changed. */
  #showRows() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    this.#window?.show(this.#rows);
    if (focused !== document.activeElement && focused && this.#place.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} row */
  #rank(row) {
    const rank = this.#ranks.get(row) ?? rankOf(row);
    this.#ranks.set(row, rank);
    return rank;
  }

  #showTitle() {
    let total = 0;
    for (const count of this.#unreadElsewhere.values()) total += count;
    for (const id of this.#client.store.ids()) {
      const conversation = this.#client.store.conversation(id);
      if (conversation && !conversation.muted) total += conversation.unread;
    }
    document.title = total > 0 ? `(${total}) ${this.#title}` : this.#title;
  }
}

/**
 * Everything a preview depends on.
 *
 * @param {Conversation} conversation
 * @param {import("./conversation_row.js").Special} special
 */
const signature = ({ last_message: last }, special) => JSON.stringify([last?.seq, last?.version, special]);

/** @param {import("../core/frames.js").Message | undefined} message @param {string} me */
const isForMe = (message, me) => Boolean(message?.mentions?.includes(me));

/** @param {HTMLElement} row @returns {[number, number]} */
function rankOf(row) {
  const at = /** @type {HTMLTimeElement | null} */ (/** @type {unknown} */ (slot(row, "time")))?.dateTime;
  return [row.hasAttribute("data-pinned") ? 1 : 0, at ? Date.parse(at) : 0];
}

/** @param {[number, number]} a @param {[number, number]} b */
const isLater = (a, b) => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
