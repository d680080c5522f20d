/**
 * Message rows from the server's own `<template id="row">`: filled from a frame, they look exactly as the server
 * would draw them. No markup is made here, only slots are filled.
 *
 * @typedef {import("../core/frames.js").Message} Message
 * @typedef {import("../core/outbox.js").Item} Item
 */

import { showAttachments } from "./attachments.js";
import { isJumbo, plainBody, preview, renderedBody } from "./content.js";
import { clone, fill, makeUrl, slot } from "./page.js";
import { drawAvatar, setColour } from "./people.js";

/** @typedef {"queued" | "sending" | "sent" | "delivered" | "read" | "failed"} RowState */

export class RowMaker {
  #boot;
  #words;
  #times;
  #people;
  #cid;
  #showsAuthors;
  #tellsReaders;

  /**
   * @param {object} parts
   * @param {import("./page.js").Boot} parts.boot
   * @param {import("./text.js").Words} parts.words
   * @param {import("./times.js").Times} parts.times
   * @param {import("./people.js").People} parts.people
   * @param {import("../core/frames.js").Conversation} parts.conversation
   */
  constructor({ boot, words, times, people, conversation }) {
    this.#boot = boot;
    this.#words = words;
    this.#times = times;
    this.#people = people;
    this.#cid = conversation.conversation;
    this.#showsAuthors = conversation.kind !== "direct";
    this.#tellsReaders = conversation.kind === "group" && conversation.receipts !== undefined;
  }

  /**
   * @param {Message} message
   * @param {HTMLElement | null} quoted the row it answers, when there is one on the page
   */
  fromMessage(message, quoted) {
    const permalink = makeUrl(this.#boot.urls.permalink, { cid: this.#cid, seq: message.seq });
    const row = this.#newRow(message.sender, message.timestamp, message.content, message.kind);
    row.id = `m${message.seq}`;
    row.dataset.mid = String(message.seq);
    row.dataset.version = String(message.version);
    const isOwn = row.classList.contains("own");
    if (isOwn) row.dataset.clientId = message.id;
    row.classList.toggle("mentioned", !isOwn && Boolean(message.mentions?.includes(this.#boot.user.username)));
    if (message.recalled_at) {
      this.#fillRecalled(row, message.sender);
      return row;
    }
    const body = slot(row, "body");
    body?.replaceChildren(message.html ? renderedBody(message.html) : plainBody(message.content));
    setHref(row, "more", `${permalink}actions/`);
    if (message.pinned_at) row.dataset.pinned = "";
    if (message.edited_at) {
      row.dataset.edited = "";
      const mark = setHref(row, "edited", `${permalink}history/`);
      if (mark) mark.hidden = false;
    }
    if (isOwn && this.#tellsReaders) setHref(row, "ticks", `${permalink}readers/`);
    if (quoted && message.reply_to) this.#fillQuote(row, quoted, message.reply_to);
    if (message.attachments) showAttachments(row, message.attachments, this.#words);
    setHref(row, "who", `${permalink}reactions/`);
    this.#fillReactions(row, message.reactions ?? {}, `${permalink}react/`);
    return row;
  }

  /** @param {Item} item @param {HTMLElement | null} quoted */
  fromItem(item, quoted) {
    const { draft } = item;
    const row = this.#newRow(this.#boot.user.username, item.created_at, draft.content, draft.kind ?? "text");
    row.classList.add("pending");
    row.dataset.clientId = item.id;
    slot(row, "body")?.replaceChildren(plainBody(draft.content));
    if (quoted && draft.reply_to) this.#fillQuote(row, quoted, draft.reply_to);
    if (draft.attachments) showAttachments(row, draft.attachments, this.#words);
    this.updatePending(row, item);
    return row;
  }

  /** @param {HTMLElement} row @param {Item} item */
  updatePending(row, item) {
    this.setState(row, item.state);
    const failed = slot(row, "failed");
    if (failed) failed.hidden = item.state !== "failed";
    const retry = /** @type {HTMLElement | null | undefined} */ (failed?.querySelector('[data-action="retry"]'));
    if (retry) retry.hidden = item.error === "files_lost"; // they are not here to be tried again
    const uploading = slot(row, "uploading");
    if (uploading) uploading.hidden = !item.draft.uploads || item.state === "failed";
    if (item.state === "failed") fill(row, "failed-text", this.#failure(item));
  }

  /**
   * How far an own message has come: a shape, and its words.
   *
   * @param {HTMLElement} row
   * @param {RowState} state
   * @param {string} [text]
   */
  setState(row, state, text = this.#words.say(`tick_${state}`)) {
    if (row.dataset.state === state && slot(row, "ticks-text")?.textContent === text) return;
    row.dataset.state = state;
    const ticks = slot(row, "ticks");
    if (!ticks) return;
    ticks.hidden = false;
    ticks.querySelector("use")?.setAttribute("href", `${this.#boot.sprite}#tick-${state}`);
    fill(ticks, "ticks-text", text);
  }

  /** The first row of a group carries its author. @param {HTMLElement} row @param {boolean} isFirst */
  setFirst(row, isFirst) {
    row.classList.toggle("first", isFirst);
    if (!this.#showsAuthors || row.classList.contains("own") || row.classList.contains("system")) return;
    const person = this.#people.get(row.dataset.sender ?? "");
    // The picture's place stays in every row, so that bubbles stand below each other; the name's does not.
    const avatar = /** @type {HTMLElement} */ (row.querySelector(":scope > .avatar") ?? templatePart(row, "avatar"));
    const author = slot(row, "author") ?? templatePart(row.querySelector(".bubble") ?? row, "author");
    author.hidden = !isFirst;
    if (isFirst) {
      drawAvatar(avatar, person);
      author.textContent = person.name;
      setColour(author, person.color);
    } else avatar.replaceChildren();
  }

  /** @param {number} at */
  dayLine(at) {
    const line = clone("day");
    line.dataset.day = this.#times.dayKey(at);
    const time = /** @type {HTMLTimeElement | null} */ (/** @type {unknown} */ (slot(line, "day")));
    if (time) {
      time.dateTime = line.dataset.day;
      time.textContent = this.#times.dayHeading(at);
    }
    setHref(line, "day-link", `${makeUrl(this.#boot.urls.conversation, { cid: this.#cid })}date/?from=${line.dataset.day}`);
    return line;
  }

  /** @param {HTMLElement} row @returns {string} the calendar day it belongs to */
  dayOf(row) {
    return this.#times.dayKey(Number(row.dataset.at));
  }

  /** @param {string} sender @param {number} at @param {string} content @param {string} kind */
  #newRow(sender, at, content, kind) {
    const row = clone("row");
    const person = this.#people.get(sender);
    Object.assign(row.dataset, { sender, name: person.name, at: String(at), kind });
    row.classList.toggle("own", sender === this.#boot.user.username);
    slot(row, "body")?.classList.toggle("jumbo", isJumbo(content));
    const time = /** @type {HTMLTimeElement | null} */ (/** @type {unknown} */ (slot(row, "time")));
    if (time) {
      time.dateTime = new Date(at).toISOString();
      time.title = this.#times.full(at);
      time.textContent = this.#times.clock(at);
    }
    const name = sender === this.#boot.user.username ? this.#words.say("you") : person.name;
    const label = this.#words.say("bubble_label", { name, time: this.#times.clock(at) });
    row.querySelector(".bubble")?.setAttribute("aria-label", label);
    return row;
  }

  /** @param {HTMLElement} row @param {string} sender */
  #fillRecalled(row, sender) {
    row.classList.add("recalled");
    const isOwn = sender === this.#boot.user.username;
    const text = this.#words.say(isOwn ? "recalled_you" : "recalled_other", { name: this.#people.name(sender) });
    const body = slot(row, "body");
    body?.classList.remove("jumbo");
    body?.replaceChildren(plainBody(text));
    slot(row, "more")?.remove();
  }

  /** @param {HTMLElement} row @param {HTMLElement} quoted @param {number} seq */
  #fillQuote(row, quoted, seq) {
    const quote = /** @type {HTMLAnchorElement | null} */ (slot(row, "quote"));
    if (!quote) return;
    quote.href = makeUrl(this.#boot.urls.permalink, { cid: this.#cid, seq });
    quote.dataset.midRef = String(seq);
    setColour(quote, this.#people.get(quoted.dataset.sender ?? "").color);
    fill(quote, "quote-author", quoted.dataset.name ?? "");
    const text = [this.#words.kind(quoted.dataset.kind), preview(slot(quoted, "body")?.textContent ?? "")];
    fill(quote, "quote-text", text.filter(Boolean).join(" "));
    quote.hidden = false;
  }

  /** @param {HTMLElement} row @param {Record<string, string[]>} reactions @param {string} url */
  #fillReactions(row, reactions, url) {
    const list = slot(row, "reactions");
    const entries = Object.entries(reactions);
    if (!list || entries.length === 0) return;
    list.hidden = false;
    list.prepend(...entries.map(([emoji, users]) => this.#reaction(emoji, users, url)));
  }

  /** @param {string} emoji @param {string[]} users @param {string} url */
  #reaction(emoji, users, url) {
    const item = clone("reaction");
    const button = /** @type {HTMLButtonElement} */ (item.querySelector("[data-emoji]"));
    const mine = users.includes(this.#boot.user.username);
    const names = this.#words.list(users.map((user) => this.#people.name(user)));
    Object.assign(button, { formAction: url, name: mine ? "remove" : "emoji", value: emoji });
    button.dataset.emoji = emoji;
    button.title = names;
    button.setAttribute("aria-label", this.#words.say("reaction_label", { emoji, names }));
    button.setAttribute("aria-pressed", String(mine));
    button.classList.toggle("mine", mine);
    fill(button, "glyph", emoji);
    fill(button, "count", String(users.length));
    return item;
  }

  /** @param {Item} item */
  #failure({ error = "", detail = "", created_at }) {
    const key = `failed_${error}`;
    const values = { detail, when: this.#times.short(created_at) };
    return this.#words.say(this.#words.has(key) ? key : "failed_refused", values);
  }
}

/** @param {HTMLElement} root @param {string} name @param {string} href */
function setHref(root, name, href) {
  const link = /** @type {HTMLAnchorElement | null} */ (slot(root, name));
  if (link) link.href = href;
  return link;
}

/** A part of the template that the server left out of this row. @param {Element} parent @param {string} name */
function templatePart(parent, name) {
  const part = /** @type {HTMLElement} */ (slot(clone("row"), name));
  parent.prepend(part);
  return part;
}
