/**
 * The quick switcher: Ctrl or Cmd with K, a few letters, Enter. A dialog with a combobox and its list, from
 * `<template id="switcher">`; the names come from the server once per page, with their pinyin.
 *
 * @typedef {import("./matching.js").Name} Name
 */

import { isComposing } from "../ui/ime.js";
import { clone, csrfToken, element, makeUrl, slot } from "../ui/page.js";
import { drawAvatar, facelessPicture } from "../ui/people.js";
import { findNames, prepare } from "./matching.js";

/** As many as fit above a phone's keyboard. */
const SHOWN = 8;

export class Switcher {
  #boot;
  #client;
  #words;
  #alert;
  #current;
  /** @type {import("./matching.js").Prepared[]} */
  #names = [];
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {Name[]} */
  #found = [];
  #chosen = 0;

  /**
   * @param {object} parts
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/text.js").Words} parts.words
   * @param {import("../ui/alert.js").Alert} parts.alert
   * @param {import("../ui/current.js").Current} parts.current
   */
  constructor({ boot, client, words, alert, current }) {
    this.#boot = boot;
    this.#client = client;
    this.#words = words;
    this.#alert = alert;
    this.#current = current;
    addEventListener("keydown", (event) => {
      const isCommand = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isCommand || event.code !== "KeyK" || isComposing(event)) return;
      event.preventDefault();
      this.open();
    });
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    // Closed this very moment: its event is still to come.
    this.#dialog?.remove();
    const dialog = /** @type {HTMLDialogElement} */ (clone("switcher"));
    document.body.append(dialog);
    this.#dialog = dialog;
    const box = this.#box();
    box.addEventListener("input", () => this.#look());
    box.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list().addEventListener("click", (event) => {
      const option = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
      if (option) void this.#go([...this.#list().children].indexOf(option));
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog.addEventListener("close", () => {
      if (this.#dialog !== dialog) return;
      dialog.remove();
      this.#dialog = null;
      before?.focus({ preventScroll: true });
    });
    if (this.#names.length === 0) this.#names = this.#listed().map(prepare);
    dialog.showModal();
    this.#look();
    this.#loading ??= this.#load();
  }

  /** What the page has itself, until the server has answered, and where it cannot. @returns {Name[]} */
  #listed() {
    const conversations = this.#client.store.ids().map((id) => this.#client.store.conversation(id));
    return conversations.filter((each) => each !== null).map(({ conversation, title, kind, avatar }) => ({
      name: title,
      pinyin: "",
      conversation,
      username: "",
      avatar: avatar ?? null,
      square: kind !== "direct",
      ...facelessPicture(conversation, title),
    }));
  }

  async #load() {
    try {
      const answer = await fetch(this.#boot.urls.names, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#names = (await answer.json()).names.map(prepare);
      if (this.#dialog) this.#look();
    } catch {
      this.#loading = null; // the next time it is opened
    }
  }

  #box() {
    return /** @type {HTMLInputElement} */ (this.#dialog?.querySelector("input"));
  }

  #list() {
    return element("switcher-list");
  }

  #look() {
    this.#found = findNames(this.#box().value, this.#names, SHOWN);
    this.#list().replaceChildren(...this.#found.map((entry, index) => drawOption(entry, index)));
    const none = this.#dialog && slot(this.#dialog, "none");
    if (none) none.hidden = this.#found.length > 0 || this.#box().value.trim() === "";
    this.#choose(0);
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    [...this.#list().children].forEach((option, each) => option.setAttribute("aria-selected", String(each === index)));
    const option = this.#list().children[index];
    if (option) this.#box().setAttribute("aria-activedescendant", option.id);
    else this.#box().removeAttribute("aria-activedescendant");
    this.#box().setAttribute("aria-expanded", String(this.#found.length > 0));
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    const count = this.#found.length;
    if (event.key === "ArrowDown" && count > 0) this.#choose((this.#chosen + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) this.#choose((this.#chosen + count - 1) % count);
    else if (event.key === "Enter") void this.#go(this.#chosen);
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  async #go(index) {
    const entry = this.#found[index];
    if (!entry) return;
    try {
      const conversation = entry.conversation || (await this.#begin(entry.username));
      // Not closed: that would give the focus back to where it was.
      this.#dialog?.remove();
      this.#dialog = null;
      this.#current.go(makeUrl(this.#boot.urls.conversation, { cid: conversation }));
    } catch {
      this.#dialog?.close();
      this.#alert.show(this.#words.say("action_offline"));
    }
  }

  /** The direct conversation with somebody, made if there is none. @param {string} username @returns {Promise<string>} */
  async #begin(username) {
    const answer = await fetch(`${this.#boot.api}conversations/`, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({ kind: "direct", username }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()).conversation;
  }
}

/** @param {Name} entry @param {number} index */
function drawOption(entry, index) {
  const option = clone("switcher-option");
  option.id = `switcher-${index}`;
  const avatar = /** @type {HTMLElement} */ (slot(option, "avatar"));
  drawAvatar(avatar, entry);
  avatar.classList.toggle("square", entry.square);
  const name = slot(option, "name");
  const username = slot(option, "username");
  if (name) name.textContent = entry.name;
  if (username && entry.username) username.textContent = `@${entry.username}`;
  return option;
}
