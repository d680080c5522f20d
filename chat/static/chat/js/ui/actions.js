/**
 * What can be done with a message: react, reply, edit, recall, copy, mark unread; and with one that was not sent: try
 * again, copy, delete. By mouse, touch and keyboard alike.
 *
 * @typedef {import("./composer.js").Context} Context
 */

import { copyText } from "./clipboard.js";
import { openMenu } from "./menu.js";
import { makeUrl, slot } from "./page.js";
import { seqOf } from "./row_list.js";

const LONG_PRESS_MS = 500;
/** What has words of its sender's own, be it the caption of a picture. */
const EDITABLE = ["text", "image", "file"];

export class Actions {
  #timeline;
  #boot;
  #conversation;
  #client;
  #api;
  #composer;
  #reads;
  #words;
  #alert;

  /**
   * @param {HTMLElement} timeline the list of rows
   * @param {object} parts
   * @param {import("./page.js").Boot} parts.boot
   * @param {import("../core/frames.js").Conversation} parts.conversation
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("./api.js").Api} parts.api
   * @param {import("./composer.js").Composer | null} parts.composer
   * @param {import("./reads.js").Reads} parts.reads
   * @param {import("./text.js").Words} parts.words
   * @param {import("./alert.js").Alert} parts.alert
   * @param {AbortSignal} parts.signal
   */
  constructor(timeline, { boot, conversation, client, api, composer, reads, words, alert, signal }) {
    this.#timeline = timeline;
    this.#boot = boot;
    this.#conversation = conversation;
    this.#client = client;
    this.#api = api;
    this.#composer = composer;
    this.#reads = reads;
    this.#words = words;
    this.#alert = alert;
    timeline.addEventListener("click", (event) => this.#onClick(event), { signal });
    this.#watchLongPress(signal);
  }

  /** @param {HTMLElement} row @param {string} action @returns {boolean} whether this message has it */
  applies(row, action) {
    if (action === "edit" && row.dataset.forwarded !== undefined) return false; // it stays as it was said
    const isOwn = row.classList.contains("own");
    const isLive = !row.classList.contains("recalled") && !row.classList.contains("system") && seqOf(row) > 0;
    const { kind, role, permissions } = this.#client.store.conversation(this.#conversation.conversation) ?? this.#conversation;
    switch (action) {
      case "reply":
        return isLive && this.#mayWrite();
      case "edit":
        return isLive && isOwn && EDITABLE.includes(row.dataset.kind ?? "") && this.#mayWrite();
      case "recall": {
        const isManager = kind !== "direct" && (role === "owner" || role === "admin");
        const age = Date.now() - Number(row.dataset.at);
        return isLive && (isManager || (isOwn && age < this.#boot.limits.recall_s * 1000));
      }
      case "pin":
      case "unpin":
        return isLive && reaches(role, permissions?.pin) && "pinned" in row.dataset === (action === "unpin");
      case "unread":
        return !isOwn && seqOf(row) > 0;
      default:
        return isLive;
    }
  }

  /** The box is there, and not hidden because the right to write was taken away. */
  #mayWrite() {
    return this.#composer !== null && !document.getElementById("composer")?.hidden;
  }

  /** @param {HTMLElement} row @param {string} action @param {string} [emoji] */
  async perform(row, action, emoji = "") {
    if (!this.applies(row, action)) return;
    const { conversation } = this.#conversation;
    const seq = seqOf(row);
    if (action === "react") await this.#try(this.#client.react(conversation, seq, emoji, this.#mine(row).has(emoji)));
    else if (action === "recall") await this.#recall(row, seq);
    else if (action === "reply") this.#composer?.reply(contextOf(row));
    else if (action === "edit") await this.#edit(row, seq);
    else if (action === "copy") await this.copyText(this.#text(row));
    else if (action === "link") await this.#copy(this.#link(seq), "link_copied");
    else if (action === "unread") this.#markUnread(conversation, seq);
    else if (action === "forward") location.assign(`${makeUrl(this.#boot.urls.conversation, { cid: conversation })}forward/?m=${seq}`);
    else this.#handOver(new CustomEvent(`lian:${action}`, { detail: { seq }, cancelable: true }));
  }

  /** What is loaded later (writing/) does the rest: at once, or as soon as it is there. @param {CustomEvent} event */
  #handOver(event) {
    const isTaken = !this.#timeline.dispatchEvent(event);
    if (!isTaken) this.#timeline.addEventListener("lian:ready", () => this.#timeline.dispatchEvent(event), { once: true });
  }

  /** @param {HTMLElement} row @param {HTMLElement} opener @param {{x: number, y: number}} at */
  openMenu(row, opener, at) {
    openMenu("row-menu", opener, at, (action) => this.applies(row, action), this.#mine(row), ({ action, emoji }) => {
      // The row may have been drawn anew while the menu was open.
      const current = this.#timeline.querySelector(`[data-mid="${seqOf(row)}"]`);
      if (current) void this.perform(/** @type {HTMLElement} */ (current), action, emoji);
    });
  }

  /** @param {number} seq @param {string} content */
  async saveEdit(seq, content) {
    await this.#try(this.#client.edit(this.#conversation.conversation, seq, content));
  }

  /** @param {string} text */
  async copyText(text) {
    await this.#copy(text, "copied");
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest(".row"));
    if (!row || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const more = /** @type {HTMLElement | null} */ (target.closest('[data-slot="more"]'));
    const reaction = /** @type {HTMLElement | null} */ (target.closest("button[data-emoji]"));
    const button = /** @type {HTMLElement | null} */ (target.closest(".bubble [data-action]"));
    if (more) {
      const box = more.getBoundingClientRect();
      this.openMenu(row, more, { x: box.left, y: box.bottom });
    } else if (reaction) void this.perform(row, "react", reaction.dataset.emoji);
    else if (button) void this.#resolveFailed(row, button.dataset.action ?? "");
    else return;
    event.preventDefault();
  }

  /** @param {HTMLElement} row @param {string} action */
  async #resolveFailed(row, action) {
    const id = row.dataset.clientId ?? "";
    if (action === "retry") this.#client.outbox.retry(id);
    else if (action === "delete") this.#client.outbox.discard(id);
    else if (action === "copy") await this.copyText(this.#client.outbox.get(id)?.draft.content ?? "");
    if (action !== "copy") this.#composer?.focus();
  }

  /** @param {HTMLElement} row @param {number} seq */
  async #edit(row, seq) {
    const message = await this.#written(seq);
    if (message) this.#composer?.edit({ ...contextOf(row), text: message.content });
    else this.#alert.show(this.#words.say("action_offline"));
  }

  /** The author may want to say it in other words (reading/recalled.js). @param {HTMLElement} row @param {number} seq */
  async #recall(row, seq) {
    const isOwn = row.classList.contains("own");
    const text = isOwn ? (await this.#written(seq))?.content : "";
    const isDone = await this.#try(this.#client.recall(this.#conversation.conversation, seq));
    if (isDone && text) this.#timeline.dispatchEvent(new CustomEvent("lian:recalled", { detail: { seq, text } }));
  }

  /** The page holds the rendered text; what was written is in the store, or at the server. @param {number} seq */
  async #written(seq) {
    const { conversation } = this.#conversation;
    return this.#client.store.message(conversation, seq) ?? (await this.#api.message(conversation, seq));
  }

  /** @param {string} conversation @param {number} seq */
  #markUnread(conversation, seq) {
    if (this.#client.markUnread(conversation, seq)) this.#reads.pause();
    else this.#alert.show(this.#words.say("action_offline"));
  }

  /** @param {Promise<unknown>} request @returns {Promise<boolean>} whether it was done */
  async #try(request) {
    try {
      await request;
      return true;
    } catch (error) {
      const { code, message } = /** @type {import("../core/requests.js").RequestError} */ (error);
      if (code === "timeout") this.#alert.show(this.#words.say("action_offline"));
      else if (code === "recall_expired") this.#alert.show(this.#words.say("recall_expired"));
      else this.#alert.show(this.#words.say("action_failed", { detail: message }));
      return false;
    }
  }

  /** @param {string} text @param {string} done the words that say so */
  async #copy(text, done) {
    await copyText(text);
    this.#alert.show(this.#words.say(done));
  }

  /** @param {HTMLElement} row */
  #text(row) {
    const held = this.#client.store.message(this.#conversation.conversation, seqOf(row));
    return held?.content ?? slot(row, "body")?.innerText ?? "";
  }

  /** @param {number} seq */
  #link(seq) {
    const path = makeUrl(this.#boot.urls.permalink, { cid: this.#conversation.conversation, seq });
    return new URL(path, location.href).href;
  }

  /** @param {HTMLElement} row */
  #mine(row) {
    const pressed = row.querySelectorAll('[data-emoji][aria-pressed="true"]');
    return new Set([...pressed].map((each) => each.getAttribute("data-emoji") ?? ""));
  }

  /** @param {AbortSignal} signal */
  #watchLongPress(signal) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const cancel = () => clearTimeout(timer);
    const begin = (/** @type {PointerEvent} */ event) => {
      cancel();
      if (event.pointerType !== "touch") return;
      const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".row[data-mid]"));
      const more = row && slot(row, "more");
      if (!row || !more) return;
      timer = setTimeout(() => this.openMenu(row, more, { x: event.clientX, y: event.clientY }), LONG_PRESS_MS);
    };
    this.#timeline.addEventListener("pointerdown", begin, { signal });
    for (const end of ["pointerup", "pointercancel", "pointermove"]) this.#timeline.addEventListener(end, cancel, { signal });
  }
}

/** Whether a role is enough for what is kept for a level; nothing is where there are no levels. @param {string} role @param {string} [level] */
const reaches = (role, level = "everybody") =>
  level === "everybody" || role === "owner" || (level === "admins" && role === "admin");

/** What stands for a message without words. @param {HTMLElement} row */
const nameOfFile = (row) => row.querySelector("img")?.alt ?? row.querySelector(".file-name")?.textContent ?? "";

/** @param {HTMLElement} row @returns {Context} */
export const contextOf = (row) => ({
  seq: seqOf(row),
  name: row.dataset.name ?? "",
  text: slot(row, "body")?.textContent || nameOfFile(row),
});
