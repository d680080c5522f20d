/**
 * The message box: the server's own form, with Enter, drafts, replies and edits on top. It is never disabled by a lost
 * connection, and nothing but sending or the user empties it.
 *
 * @typedef {{seq: number, name: string, text: string}} Context the message that is answered or edited
 * @typedef {import("../core/outbox_storage.js").Draft} Draft
 * @typedef {import("../files/tray.js").Tray} Tray
 *
 * @typedef {object} Helper
 * @property {(content: string) => Promise<boolean> | null} ask What must be agreed to before this is sent, if anything.
 * @property {(content: string) => Partial<Draft>} describe What goes with a message besides its text.
 */

import { newId } from "../core/ids.js";
import { Emitter } from "../core/emitter.js";
import { isComposing } from "./ime.js";
import { element, fill } from "./page.js";

const LINES_MAX = 8;
const COUNT_FROM = 500;

/**
 * @extends {Emitter<{
 *   send: [id: string, content: string, replyTo: number | null, files: Partial<Draft>],
 *   edit: [seq: number, content: string],
 *   editLast: [],
 *   escape: [],
 *   typing: [],
 * }>}
 */
export class Composer extends Emitter {
  #form = /** @type {HTMLFormElement} */ (element("composer"));
  #box = /** @type {HTMLTextAreaElement} */ (element("message"));
  #banner = element("composer-context");
  #error = element("composer-error");
  #count = document.getElementById("composer-count");
  #replyField = /** @type {HTMLInputElement | null} */ (this.#form.elements.namedItem("reply_to"));
  #drafts;
  #cid;
  #words;
  #maxChars;
  #enterSends;
  /** @type {{kind: "reply" | "edit", context: Context} | null} */
  #mode = null;
  /** @type {Tray | null} the files that are to go with the next message, once there were any */
  #tray = null;
  /** What was being written before an edit began. */
  #setAside = "";
  /** @type {Helper | null} what knows more of a text than the box does */
  #helper = null;

  /**
   * @param {object} parts
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {import("./text.js").Words} parts.words
   * @param {string} parts.cid
   * @param {number} parts.maxChars
   * @param {boolean} parts.enterSends Else it is a new line, and only Ctrl or Cmd with it sends.
   * @param {AbortSignal} parts.signal
   */
  constructor({ drafts, words, cid, maxChars, enterSends, signal }) {
    super();
    this.#drafts = drafts;
    this.#words = words;
    this.#cid = cid;
    this.#maxChars = maxChars;
    this.#enterSends = enterSends;
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    const cancel = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.leaveMode();
    };
    const takeDraft = (/** @type {string} */ conversation, /** @type {import("./drafts.js").Draft | null} */ draft) => {
      // A tab's own words are never replaced while they are looked at or differ from nothing.
      if (conversation !== cid || document.activeElement === this.#box || this.#box.value !== "") return;
      if (draft) this.#setText(draft.text);
    };
    this.#form.addEventListener("submit", submit, { signal });
    this.#box.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.#box.addEventListener("input", () => this.#onInput(), { signal });
    this.#box.addEventListener("compositionend", () => this.#grow(), { signal });
    element("composer-cancel").addEventListener("click", cancel, { signal });
    drafts.onElsewhere(takeDraft, signal);
  }

  get box() {
    return this.#box;
  }

  get isEmpty() {
    return this.#box.value === "";
  }

  /**
   * Puts back what was being written when the page was left; what the browser or the server has put in wins.
   *
   * @param {(seq: number) => Context | null} find the message that was to be answered
   */
  restore(find) {
    const draft = this.#drafts.read(this.#cid);
    if (draft && this.isEmpty) {
      const context = draft.replyTo ? find(draft.replyTo) : null;
      if (context) this.reply(context, false);
      this.#setText(draft.text);
    }
    this.#grow();
  }

  /** @param {Tray} tray */
  useTray(tray) {
    this.#tray = tray;
  }

  /** @param {Helper} helper */
  useHelper(helper) {
    this.#helper = helper;
  }

  get tray() {
    return this.#tray;
  }

  /** As by Enter. @param {Partial<Draft>} [also] what else goes with the message */
  submit(also) {
    this.#submit(also);
  }

  /** As if it were typed in place of what stands there: it can be undone. @param {string} text @param {number} start @param {number} end */
  insert(text, start, end) {
    this.focus();
    this.#box.setSelectionRange(start, end);
    // The one way that keeps the browser's own undo; where it is gone, that is lost and nothing else.
    if (document.execCommand("insertText", false, text)) return;
    this.#box.setRangeText(text, start, end, "end");
    this.#onInput();
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  /** @param {Context} context @param {boolean} [focus] */
  reply(context, focus = true) {
    if (this.#mode?.kind === "edit") this.leaveMode();
    this.#enterMode("reply", context, "composer_replying");
    if (this.#replyField) this.#replyField.value = String(context.seq);
    this.#saveDraft();
    if (focus) this.focus();
  }

  /** @param {Context} context with the text as it was written */
  edit(context) {
    if (this.#mode?.kind !== "edit") this.#setAside = this.#box.value;
    this.#enterMode("edit", context, "composer_editing");
    this.#banner.classList.add("editing");
    this.#setText(context.text);
    this.focus();
  }

  /** Neither answering nor editing any more; what was set aside for an edit comes back. */
  leaveMode() {
    if (!this.#mode) return;
    const wasEdit = this.#mode.kind === "edit";
    this.#mode = null;
    this.#banner.hidden = true;
    this.#banner.classList.remove("editing");
    if (this.#replyField) this.#replyField.value = "";
    if (wasEdit) this.#setText(this.#setAside);
    this.#saveDraft();
    this.focus();
  }

  /** @param {Partial<Draft>} [also] @param {boolean} [isAgreed] */
  #submit(also = {}, isAgreed = false) {
    const content = this.#box.value.trim();
    const excess = [...content].length - this.#maxChars;
    const mode = this.#mode;
    const tray = mode?.kind === "edit" ? null : this.#tray;
    const problem = excess > 0 ? this.#words.say("composer_too_long", { count: excess }) : (tray?.problem() ?? "");
    this.#showError(problem);
    if (problem || (content === "" && !tray?.size)) return;
    if (mode?.kind === "edit") {
      this.leaveMode();
      if (content !== mode.context.text) this.emit("edit", mode.context.seq, content);
      return;
    }
    const helper = this.#helper;
    const question = isAgreed ? null : helper?.ask(content);
    if (question) {
      // What took its place meanwhile knows more, and asks anew.
      void question.then((yes) => (yes ? this.#submit(also, helper === this.#helper) : this.focus()));
      return;
    }
    const id = newId();
    performance.mark(`submit:${id}`);
    // Taken out before anything is sent: no answer of the server's ever touches the box.
    this.#box.value = "";
    this.leaveMode();
    this.#drafts.clear(this.#cid);
    this.#grow();
    this.#showCount();
    const files = tray?.take(id);
    this.emit("send", id, content, mode ? mode.context.seq : null, { ...helper?.describe(content), ...files, ...also });
  }

  /** The conversation is left: what is being written is kept, an edit is not, and the box is empty. */
  rest() {
    if (this.#mode?.kind === "edit") this.leaveMode();
    this.#drafts.flush();
    this.#mode = null;
    this.#setText("");
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && this.#isSending(event)) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.#mode) this.leaveMode();
      else this.emit("escape");
    } else if (event.key === "ArrowUp" && this.isEmpty && !this.#mode && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.emit("editLast");
    }
  }

  /** @param {KeyboardEvent} event */
  #isSending(event) {
    if (event.ctrlKey || event.metaKey) return true;
    // On a phone Enter is the only way to a new line, and Send is right there.
    return this.#enterSends && !event.shiftKey && !event.altKey && !matchMedia("(pointer: coarse)").matches;
  }

  #onInput() {
    this.#saveDraft();
    this.#showError("");
    this.#showCount();
    this.#grow();
    if (this.#box.value.trim() !== "") this.emit("typing");
  }

  #saveDraft() {
    if (this.#mode?.kind === "edit") return; // an edit is no draft: the message is still there
    this.#drafts.save(this.#cid, this.#box.value, this.#mode ? this.#mode.context.seq : null);
  }

  /** @param {"reply" | "edit"} kind @param {Context} context @param {string} title */
  #enterMode(kind, context, title) {
    this.#mode = { kind, context };
    fill(this.#banner, "context-title", this.#words.say(title, { name: context.name }));
    fill(this.#banner, "context-text", context.text.replace(/\s+/g, " ").slice(0, 200));
    this.#banner.classList.remove("editing");
    this.#banner.hidden = false;
  }

  /** @param {string} text */
  #setText(text) {
    this.#box.value = text;
    this.#box.setSelectionRange(text.length, text.length);
    this.#grow();
    this.#showCount();
  }

  /** Between one and eight lines; an input method's unfinished text is left alone. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return; // the style sheet does it
    const style = getComputedStyle(this.#box);
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    this.#box.style.height = "auto";
    const most = parseFloat(style.lineHeight) * LINES_MAX + padding;
    this.#box.style.height = `${Math.min(this.#box.scrollHeight, most)}px`;
  }

  #showCount() {
    if (!this.#count) return;
    const left = this.#maxChars - [...this.#box.value].length;
    this.#count.hidden = left >= COUNT_FROM;
    this.#count.classList.toggle("over", left < 0);
    const key = left < 0 ? "composer_too_long" : "composer_left";
    this.#count.textContent = this.#count.hidden ? "" : this.#words.say(key, { count: Math.abs(left) });
  }

  /** @param {string} text */
  #showError(text) {
    if (this.#error.textContent === text) return;
    this.#error.textContent = text;
    this.#error.hidden = text === "";
  }
}
