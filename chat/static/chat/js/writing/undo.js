/**
 * Undo: what was just sent is held in the outbox for some seconds, if the user wants that, and comes back into the
 * message box from there. The newest first; each has its whole time, whatever is sent after it.
 *
 * @typedef {import("./start.js").View} View
 * @typedef {import("../core/outbox_storage.js").Item} Item
 */

import { heldMsOf } from "../core/hold.js";
import { isComposing } from "../ui/ime.js";
import { contextOf } from "../ui/actions.js";
import { clone, element, fill, slot } from "../ui/page.js";

/** Another tab may be the one that sends: what is undone here is out of its hands by then. */
const MARGIN_MS = 300;

export class Undo {
  #view;
  #composer;
  /** @type {HTMLElement | null} */
  #bar = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {View} view @param {import("../ui/composer.js").Composer} composer */
  constructor(view, composer) {
    this.#view = view;
    this.#composer = composer;
    const { client, signal } = view;
    const look = () => this.#look();
    client.outbox.on("change", look, signal);
    client.outbox.on("removed", look, signal);
    signal.addEventListener("abort", () => this.#close());
    composer.box.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.#look();
  }

  /** The newest that can still be undone. */
  #held() {
    const { client, conversation } = this.#view;
    return client.outbox.items().findLast((item) => item.draft.conversation === conversation.conversation && this.#leftMs(item) > 0);
  }

  /** @param {Item} item */
  #leftMs(item) {
    const canCome = !item.draft.attachments || this.#composer.tray?.has(item.id);
    return item.state === "queued" && canCome ? heldMsOf(item, Date.now()) - MARGIN_MS : 0;
  }

  #look() {
    clearTimeout(this.#timer);
    const item = this.#held();
    if (!item) {
      this.#close();
      return;
    }
    if (!this.#bar) this.#open();
    const leftMs = this.#leftMs(item);
    fill(/** @type {HTMLElement} */ (this.#bar), "left", String(Math.ceil(leftMs / 1000)));
    this.#timer = setTimeout(() => this.#look(), leftMs % 1000 || 1000);
  }

  #open() {
    const bar = (this.#bar = clone("undo-bar"));
    element("composer").before(bar);
    // After it is in the page, so that it is read out.
    fill(bar, "text", bar.dataset.text ?? "");
    slot(bar, "undo")?.addEventListener("click", () => this.#undo());
  }

  #close() {
    clearTimeout(this.#timer);
    const hadFocus = this.#bar?.contains(document.activeElement);
    this.#bar?.remove();
    this.#bar = null;
    if (hadFocus) this.#composer.focus();
  }

  /** The browser has nothing to undo in an empty box. @param {KeyboardEvent} event */
  #onKey(event) {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === "z";
    if (!isUndo || isComposing(event) || !this.#composer.isEmpty || !this.#held()) return;
    event.preventDefault();
    this.#undo();
  }

  /** What was typed meanwhile stays, behind it. */
  #undo() {
    const item = this.#held();
    if (!item) return;
    const { client, list } = this.#view;
    const { content, reply_to: replyTo } = item.draft;
    const box = this.#composer.box;
    this.#composer.tray?.giveBack(item.id);
    client.outbox.discard(item.id);
    const banner = element("composer-context");
    if (banner.classList.contains("editing") && !banner.hidden) this.#composer.leaveMode();
    const answered = replyTo && banner.hidden ? list.bySeq(replyTo) : null;
    if (answered) this.#composer.reply(contextOf(answered), false);
    const typed = box.value;
    box.value = [content, typed].filter(Boolean).join("\n");
    box.setSelectionRange(typed ? box.value.length : content.length, box.value.length);
    box.dispatchEvent(new Event("input", { bubbles: true })); // as if it was written
    this.#composer.focus();
  }
}
