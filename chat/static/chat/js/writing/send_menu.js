/**
 * The other ways to send, beside the button: without notifying anybody, and later. The page for the latter is the
 * server's (chat/web/later_views.py), shown in a dialog with what stands in the message box.
 *
 * @typedef {import("./start.js").View} View
 */

import { openSheet } from "../reading/sheet.js";
import { openMenu } from "../ui/menu.js";
import { element, makeUrl } from "../ui/page.js";

export class SendMenu {
  #view;
  #composer;
  #address;
  /** Those that wait here, once they were asked for: when one of them is sent, there is one less. */
  #waiting = new Set();

  /** @param {View} view @param {import("../ui/composer.js").Composer} composer */
  constructor(view, composer) {
    this.#view = view;
    this.#composer = composer;
    const { boot, client, conversation, signal } = view;
    this.#address = `${makeUrl(boot.urls.conversation, { cid: conversation.conversation })}later/`;
    const more = element("send-more");
    more.setAttribute("aria-haspopup", "menu");
    const open = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#open(more);
    };
    more.addEventListener("click", open, { signal });
    element("send").addEventListener("contextmenu", open, { signal }); // under a long press, too
    client.store.on("message", ({ id }) => this.#waiting.has(id) && void this.#count(), signal);
    if (!element("scheduled-line").hidden) void this.#count();
  }

  /** @param {HTMLElement} opener */
  #open(opener) {
    const { left, top } = opener.getBoundingClientRect();
    const isEditing = document.querySelector("#composer-context.editing:not([hidden])") !== null;
    const hasFiles = (this.#composer.tray?.size ?? 0) > 0;
    const applies = (/** @type {string} */ action) =>
      action === "all" || (!isEditing && (action === "later" ? !hasFiles : hasFiles || this.#composer.box.value.trim() !== ""));
    openMenu("send-menu", opener, { x: left, y: top }, applies, new Set(), ({ action }) => {
      if (action === "silent") this.#composer.submit({ silent: true });
      else if (action === "later") void this.#schedule();
      else location.assign(this.#address);
    });
  }

  async #schedule() {
    const dialog = await openSheet(this.#address, this.#view);
    if (!dialog) return;
    const text = /** @type {HTMLTextAreaElement} */ (dialog.querySelector("textarea"));
    const replyTo = /** @type {HTMLInputElement} */ (dialog.querySelector("[name=reply_to]"));
    const form = /** @type {HTMLFormElement} */ (element("composer"));
    text.value = this.#composer.box.value;
    replyTo.value = /** @type {HTMLInputElement} */ (form.elements.namedItem("reply_to")).value;
    dialog.addEventListener("submit", (event) => {
      const form = /** @type {HTMLFormElement} */ (event.target);
      if (form.id !== "later") return; // what is done with those that wait, their page shows
      event.preventDefault();
      void this.#submit(dialog, form, /** @type {HTMLButtonElement | null} */ (event.submitter));
    });
  }

  /** @param {HTMLDialogElement} dialog @param {HTMLFormElement} form @param {HTMLButtonElement | null} pressed */
  async #submit(dialog, form, pressed) {
    const { words, alert } = this.#view;
    const body = new FormData(form);
    if (pressed?.name) body.set(pressed.name, pressed.value);
    try {
      const answer = await fetch(`${this.#address}?part=1`, { method: "POST", body, headers: { Accept: "text/html" } });
      if (answer.status === 204) {
        dialog.close();
        this.#empty();
        alert.show(words.say("scheduled_done"));
        await this.#count();
      } else if (answer.ok && !answer.redirected) {
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section");
        if (found) dialog.querySelector("section")?.replaceWith(document.adoptNode(found));
        /** @type {HTMLElement | null} */ (dialog.querySelector("#errors"))?.focus();
      } else location.assign(this.#address);
    } catch {
      alert.show(words.say("action_offline"));
    }
  }

  /** What is to be sent later is not to be sent now. */
  #empty() {
    const { box } = this.#composer;
    this.#composer.leaveMode();
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    this.#composer.focus();
  }

  /** The line above the box, which leads to them. */
  async #count() {
    const { boot, conversation, words, signal } = this.#view;
    try {
      const answer = await fetch(`${boot.api}scheduled/`, { headers: { Accept: "application/json" }, signal });
      const { results } = /** @type {{results: {id: string, conversation: string}[]}} */ (await answer.json());
      const here = results.filter((each) => each.conversation === conversation.conversation);
      this.#waiting = new Set(here.map(({ id }) => id));
      const line = element("scheduled-line");
      line.hidden = here.length === 0;
      const link = /** @type {HTMLAnchorElement} */ (line.querySelector("a"));
      link.href = this.#address; // what is shown without a network was drawn for no conversation
      link.textContent = words.say("scheduled_count", { count: here.length });
    } catch {
      // Offline: the line says what it said.
    }
  }
}
