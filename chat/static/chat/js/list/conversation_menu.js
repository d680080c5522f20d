/**
 * What can be done with a conversation from its row in the list: pin, mute, archive, mark read or unread. By its
 * button, a right click, the menu key and a long press. Shown done at once, and taken back when the server refuses.
 *
 * @typedef {import("../core/frames.js").Conversation} Conversation
 * @typedef {Partial<Pick<Conversation, "pinned" | "muted" | "archived">>} Settings
 */

import { openMenu } from "../ui/menu.js";
import { csrfToken, element } from "../ui/page.js";
import { MUTES } from "./muting.js";

const LONG_PRESS_MS = 500;

/** @type {Record<string, Settings>} */
const SETTINGS = {
  pin: { pinned: true },
  unpin: { pinned: false },
  archive: { archived: true },
  unarchive: { archived: false },
  unmute: { muted: false },
};

export class ConversationMenu {
  #place;
  #boot;
  #client;
  #words;
  #alert;
  #current;

  /**
   * @param {HTMLElement} place the list
   * @param {object} parts
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/text.js").Words} parts.words
   * @param {import("../ui/alert.js").Alert} parts.alert
   * @param {import("../ui/current.js").Current} parts.current
   */
  constructor(place, { boot, client, words, alert, current }) {
    this.#place = place;
    this.#boot = boot;
    this.#client = client;
    this.#words = words;
    this.#alert = alert;
    this.#current = current;
    place.addEventListener("click", (event) => this.#onClick(event));
    place.addEventListener("contextmenu", (event) => this.#onContextMenu(event));
    this.#watchLongPress();
    announceMenus(document);
    announceMenus(/** @type {HTMLTemplateElement} */ (/** @type {unknown} */ (element("conversation"))).content);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const more = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".conv-more"));
    if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const box = more.getBoundingClientRect();
    this.#open(more, { x: box.left, y: box.bottom });
  }

  /** Also the menu key, and Shift with F10. @param {MouseEvent} event */
  #onContextMenu(event) {
    const link = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("a"));
    if (!link) return;
    event.preventDefault();
    this.#open(link, { x: event.clientX, y: event.clientY });
  }

  /** For touch screens whose browsers have no `contextmenu` event. */
  #watchLongPress() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let isLong = false;
    const cancel = () => clearTimeout(timer);
    this.#place.addEventListener("pointerdown", (event) => {
      cancel();
      isLong = false;
      const link = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".conv-link"));
      if (event.pointerType !== "touch" || !link) return;
      timer = setTimeout(() => {
        isLong = true;
        this.#open(link, { x: event.clientX, y: event.clientY });
      }, LONG_PRESS_MS);
    });
    for (const end of ["pointerup", "pointercancel", "pointermove"]) this.#place.addEventListener(end, cancel);
    // The finger that opened the menu must not follow the link as well.
    this.#place.addEventListener("click", (event) => isLong && event.preventDefault(), { capture: true });
  }

  /** @param {HTMLElement} opener @param {{x: number, y: number}} at */
  #open(opener, at) {
    const row = /** @type {HTMLElement | null} */ (opener.closest("[data-cid]"));
    const id = row?.dataset.cid ?? "";
    const conversation = this.#client.store.conversation(id);
    if (!row || !conversation) return;
    openMenu("conversation-menu", opener, at, (action) => applies(action, conversation), new Set(), ({ action }) => {
      void this.#perform(action, id, row);
    });
  }

  /** @param {string} action @param {string} id @param {HTMLElement} row */
  async #perform(action, id, row) {
    const conversation = this.#client.store.conversation(id);
    if (!conversation) return;
    if (action === "read") this.#client.read(id, conversation.last_seq);
    else if (action === "unread") this.#markUnread(conversation);
    else if (action in MUTES) await this.#change(conversation, { muted: true }, MUTES[action](), row);
    else await this.#change(conversation, SETTINGS[action], SETTINGS[action], row);
  }

  /** @param {Conversation} conversation */
  #markUnread({ conversation: id, last_message: last }) {
    const isSaid = last && this.#client.markUnread(id, last.seq);
    if (isSaid && this.#current.is(id)) this.#current.view?.reads.pause(); // looking at it must not undo that
    if (!isSaid) this.#alert.show(this.#words.say("action_offline"));
  }

  /** @param {Conversation} conversation @param {Settings} settings @param {object} body of the request @param {HTMLElement} row */
  async #change(conversation, settings, body, row) {
    const { conversation: id, pinned, muted, archived } = conversation;
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    this.#apply(id, settings);
    // After the list was drawn anew: a row that went takes the focus with it.
    queueMicrotask(() => {
      if (!row.isConnected && document.activeElement === document.body) beside?.querySelector("a")?.focus();
    });
    const failed = await this.#save(id, body);
    if (!failed) return;
    this.#apply(id, { pinned, muted, archived });
    this.#alert.show(failed);
  }

  /** @param {string} id @param {Settings} settings */
  #apply(id, settings) {
    const current = this.#client.store.conversation(id);
    if (current) this.#client.store.applyConversation({ ...current, ...settings });
  }

  /** @param {string} id @param {object} body @returns {Promise<string>} what went wrong, in words; empty for nothing */
  async #save(id, body) {
    try {
      const answer = await fetch(`${this.#boot.api}conversations/${encodeURIComponent(id)}/`, {
        method: "PATCH",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify(body),
      });
      const said = await answer.json();
      if (!answer.ok) return this.#words.say("action_failed", { detail: said.error.detail });
      this.#client.learn(said);
      return "";
    } catch {
      return this.#words.say("action_offline");
    }
  }
}

/** From now on the buttons open menus; in rows to come, too. @param {ParentNode} root */
function announceMenus(root) {
  for (const more of root.querySelectorAll(".conv-more")) more.setAttribute("aria-haspopup", "menu");
}

/** @param {string} action @param {Conversation} conversation */
function applies(action, { pinned, muted, archived, unread, last_message: last }) {
  switch (action) {
    case "pin":
      return !pinned;
    case "unpin":
      return pinned;
    case "archive":
      return !archived;
    case "unarchive":
      return archived;
    case "read":
      return unread > 0;
    case "unread":
      return unread === 0 && last !== undefined && last.kind !== "system" && !last.recalled_at;
    case "unmute":
      return muted;
    default:
      return !muted;
  }
}
