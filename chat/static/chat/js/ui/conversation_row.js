/**
 * One row of the conversation list: its number, time, tick, flags and preview, in the markup of the server's own row.
 *
 * Preview: what is being written > what could not be sent > who is typing > the last message.
 *
 * @typedef {import("../core/frames.js").Conversation} Conversation
 * @typedef {import("../core/frames.js").Message} Message
 *
 * @typedef {object} Special What comes before the last message in a preview.
 * @property {string} [draft]
 * @property {string} [failed]
 * @property {string} [typing] In words.
 */

import { preview } from "./content.js";
import { clone, makeUrl, slot } from "./page.js";
import { drawAvatar, facelessPicture } from "./people.js";

const BADGE_MAX = 99;
const SVG = "http://www.w3.org/2000/svg";

export class ConversationRowMaker {
  #boot;
  #people;
  #times;
  #words;
  #api;

  /**
   * @param {object} parts
   * @param {import("./page.js").Boot} parts.boot
   * @param {import("./people.js").People} parts.people
   * @param {import("./times.js").Times} parts.times
   * @param {import("./text.js").Words} parts.words
   * @param {import("./api.js").Api} parts.api
   */
  constructor({ boot, people, times, words, api }) {
    this.#boot = boot;
    this.#people = people;
    this.#times = times;
    this.#words = words;
    this.#api = api;
  }

  /** @param {Conversation} conversation */
  make(conversation) {
    const id = conversation.conversation;
    const row = clone("conversation");
    row.dataset.cid = id;
    row.dataset.kind = conversation.kind;
    const link = row.querySelector("a");
    if (link) link.href = makeUrl(this.#boot.urls.row, { cid: id });
    const more = /** @type {HTMLAnchorElement | null} */ (row.querySelector(".conv-more"));
    if (more) more.href = makeUrl(this.#boot.urls.info, { cid: id });
    const peer = this.#peer(conversation);
    const isSelf = conversation.kind === "direct" && peer === null;
    if (peer) row.dataset.user = peer;
    row.toggleAttribute("data-self", isSelf);
    const avatar = slot(row, "avatar");
    if (avatar) this.#drawAvatar(avatar, conversation, peer, isSelf);
    return row;
  }

  /** @param {HTMLElement} row @param {Conversation} conversation */
  update(row, conversation) {
    row.dataset.version = String(conversation.version);
    const name = slot(row, "name");
    const title = row.hasAttribute("data-self") ? this.#words.say("saved_messages") : conversation.title;
    if (name && name.textContent !== title) name.textContent = title;
    row.toggleAttribute("data-muted", conversation.muted);
    row.toggleAttribute("data-pinned", conversation.pinned);
    this.#showFlag(row, "muted", conversation.muted);
    this.#showFlag(row, "pinned", conversation.pinned);
    this.#showBadge(row, conversation);
    this.showTime(row, conversation.last_message);
    this.#showTick(row, conversation);
  }

  /** @param {HTMLElement} row @param {Message | undefined} message */
  showTime(row, message) {
    const time = /** @type {HTMLTimeElement | null} */ (/** @type {unknown} */ (slot(row, "time")));
    if (!time || !message) return;
    time.dateTime = new Date(message.timestamp).toISOString();
    time.title = this.#times.full(message.timestamp);
    time.textContent = this.#times.short(message.timestamp);
  }

  /** @param {HTMLElement} row @param {Conversation} conversation @param {Special} special */
  showPreview(row, conversation, { draft = "", failed = "", typing = "" }) {
    const frame = row.querySelector(".conv-preview");
    const place = slot(row, "preview");
    if (!frame || !place) return;
    delete place.dataset.seq; // a system line that is still on its way comes too late
    frame.classList.toggle("draft", draft !== "");
    frame.classList.toggle("failed", !draft && failed !== "");
    frame.classList.toggle("typing", !draft && !failed && typing !== "");
    if (draft) place.textContent = this.#words.say("draft_preview", { text: preview(draft) });
    else if (failed) place.textContent = this.#words.say("preview_failed", { text: preview(failed) });
    else if (typing) place.textContent = typing;
    else this.#showLastMessage(place, conversation);
  }

  /** @param {HTMLElement} place @param {Conversation} conversation */
  #showLastMessage(place, { conversation, kind, last_message: message }) {
    if (message?.kind === "system") void this.#showSystemLine(place, conversation, message.seq);
    else place.textContent = message ? this.#lastMessage(kind, message) : this.#words.say("preview_empty");
  }

  /** What happened to a group is said in words that only the server has. @param {HTMLElement} place @param {string} id @param {number} seq */
  async #showSystemLine(place, id, seq) {
    place.dataset.seq = String(seq);
    const drawn = await this.#api.row(id, seq);
    const text = drawn && slot(drawn.row, "body")?.textContent;
    if (text && place.dataset.seq === String(seq)) place.textContent = text;
  }

  /** @param {string} kind @param {Message} message */
  #lastMessage(kind, message) {
    const isOwn = message.sender === this.#boot.user.username;
    const name = this.#people.name(message.sender);
    if (message.recalled_at) return this.#words.say(isOwn ? "recalled_you" : "recalled_other", { name });
    const text = [this.#words.kind(message.kind), plainText(message)].filter(Boolean).join(" ");
    if (kind === "direct") return text;
    return isOwn ? this.#words.say("preview_you", { text }) : this.#words.say("preview_named", { name, text });
  }

  /** @param {Conversation} conversation */
  #peer({ kind, receipts }) {
    if (kind !== "direct") return null;
    return Object.keys(receipts ?? {}).find((user) => user !== this.#boot.user.username) ?? null;
  }

  /** @param {HTMLElement} place @param {Conversation} conversation @param {string | null} peer @param {boolean} isSelf */
  #drawAvatar(place, { conversation, kind, title, avatar }, peer, isSelf) {
    const picture = facelessPicture(peer ?? conversation, title);
    drawAvatar(place, { avatar: avatar ?? null, ...picture });
    place.classList.toggle("square", kind !== "direct");
    const symbol = isSelf ? "saved" : kind === "channel" ? "channel" : "";
    if (!symbol || avatar) return;
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("class", "i");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `${this.#boot.sprite}#${symbol}`);
    icon.append(use);
    place.replaceChildren(icon);
    place.classList.remove("wide");
  }

  /** @param {HTMLElement} row @param {"muted" | "pinned"} name @param {boolean} isSet */
  #showFlag(row, name, isSet) {
    let flag = slot(row, name);
    if (!flag && isSet) {
      flag = /** @type {HTMLElement} */ (slot(clone("conversation"), name));
      row.querySelector(".conv-flags")?.prepend(flag);
    }
    if (flag) flag.hidden = !isSet;
  }

  /** @param {HTMLElement} row @param {Conversation} conversation */
  #showBadge(row, { unread, muted }) {
    if (row.dataset.unread === String(unread) && slot(row, "badge")?.classList.contains("quiet") === muted) return;
    row.dataset.unread = String(unread);
    const badge = slot(row, "badge");
    if (!badge) return;
    badge.hidden = unread === 0;
    badge.classList.toggle("quiet", muted);
    const count = slot(badge, "count");
    if (count) count.textContent = unread > BADGE_MAX ? `${BADGE_MAX}+` : String(unread);
    const words = badge.querySelector(".vh");
    if (words) words.textContent = this.#words.say("unread_count", { count: unread });
  }

  /** The own last message shows how far it has come. @param {HTMLElement} row @param {Conversation} conversation */
  #showTick(row, { last_message: message, receipts, kind }) {
    const me = this.#boot.user.username;
    let ticks = slot(row, "ticks");
    if (!message || message.sender !== me || message.kind === "system" || message.recalled_at) {
      if (ticks) ticks.hidden = true;
      return;
    }
    if (!ticks) {
      ticks = /** @type {HTMLElement} */ (slot(clone("conversation"), "ticks"));
      row.querySelector(".conv-preview")?.prepend(ticks);
    }
    const others = Object.entries(receipts ?? {}).filter(([user]) => user !== me).map(([, reached]) => reached);
    const readers = others.filter(([, read]) => read >= message.seq).length;
    const isDelivered = others.some(([received]) => received >= message.seq);
    const state = readers > 0 ? "read" : isDelivered ? "delivered" : "sent";
    ticks.hidden = false;
    ticks.dataset.state = state;
    ticks.querySelector("use")?.setAttribute("href", `${this.#boot.sprite}#tick-${state}`);
    const words = slot(ticks, "ticks-text");
    const isCounted = readers > 0 && kind !== "direct";
    if (words) words.textContent = isCounted ? this.#words.say("read_by", { count: readers }) : this.#words.say(`tick_${state}`);
  }
}

/** Without its markup, where the server has said which part of it is markup. @param {Message} message */
function plainText({ content, html }) {
  if (!html) return preview(content);
  const spaced = html.replace(/<br>|<\/(?:p|li|blockquote|pre)>/g, " $&");
  return preview(new DOMParser().parseFromString(spaced, "text/html").body.textContent ?? content);
}
