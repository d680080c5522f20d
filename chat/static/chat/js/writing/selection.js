/**
 * Several messages at once: chosen by click, with Shift from one to another, and by Space; then forwarded, copied as
 * text or recalled. While it lasts its bar stands where the message box was, and Esc ends it.
 *
 * @typedef {{name: string, at: number, text: string}} Chosen What is needed of a message that may leave the page.
 */

import { copyText } from "../ui/clipboard.js";
import { isComposing } from "../ui/ime.js";
import { ask } from "../ui/dialog.js";
import { clone, element, fill, makeUrl, slot } from "../ui/page.js";
import { seqOf } from "../ui/row_list.js";

/** More than one chooses by hand. */
const CHOSEN_MAX = 100;
const CHOOSABLE = ".row[data-mid]:not(.system):not(.recalled)";
/** What moves about and in the page goes on doing so. */
const MOVES = ["Tab", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

export class Selection {
  #view;
  #bar = clone("selection-bar");
  /** @type {Map<number, Chosen>} by seq */
  #chosen = new Map();
  /** The last one that was chosen: where a range begins. */
  #anchor = 0;
  /** @type {AbortController | null} */
  #ending = null;

  /** @param {import("./start.js").View} view */
  constructor(view) {
    this.#view = view;
    const begin = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#begin(/** @type {CustomEvent<{seq: number}>} */ (event).detail.seq);
    };
    view.place.addEventListener("lian:select", begin, { signal: view.signal });
    view.signal.addEventListener("abort", () => this.#end());
    this.#bar.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("[data-action]");
      if (button) void this.#perform(/** @type {HTMLElement} */ (button).dataset.action ?? "");
    });
  }

  /** @param {number} seq */
  #begin(seq) {
    if (this.#ending) return this.#toggle(seq, false);
    const { place, keeper } = this.#view;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    const form = document.getElementById("composer") ?? element("composer-note");
    form.hidden = true;
    form.before(this.#bar);
    place.classList.add("selecting");
    place.addEventListener("click", (event) => this.#onClick(event), { signal, capture: true });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal, capture: true });
    const observer = new MutationObserver(() => this.#decorate());
    observer.observe(place, { childList: true });
    signal.addEventListener("abort", () => {
      observer.disconnect();
      form.hidden = false;
      this.#bar.remove();
      place.classList.remove("selecting");
      keeper.change(() => {
        for (const box of place.querySelectorAll(".pick")) box.remove();
        for (const row of place.querySelectorAll(".picked")) row.classList.remove("picked");
      });
    });
    this.#decorate();
    this.#toggle(seq, false);
  }

  #end() {
    this.#ending?.abort();
    this.#ending = null;
    this.#chosen.clear();
  }

  /** A box for every message that is in the page. */
  #decorate() {
    const { keeper } = this.#view;
    const bare = this.#rows().filter((row) => !row.querySelector(":scope > .pick"));
    if (bare.length === 0) return;
    keeper.change(() => {
      for (const row of bare) {
        const box = clone("selection-box");
        const name = row.querySelector(".bubble")?.getAttribute("aria-label") ?? "";
        box.querySelector("input")?.setAttribute("aria-label", name);
        row.append(box);
        this.#show(row);
      }
    });
  }

  #rows() {
    return /** @type {HTMLElement[]} */ ([...this.#view.place.querySelectorAll(CHOOSABLE)]);
  }

  /** @param {HTMLElement} row */
  #show(row) {
    const isChosen = this.#chosen.has(seqOf(row));
    row.classList.toggle("picked", isChosen);
    const box = /** @type {HTMLInputElement | null} */ (row.querySelector(":scope > .pick input"));
    if (box) box.checked = isChosen;
  }

  /** @param {number} seq @param {boolean} isRange from the last one to this one, all like this one */
  #toggle(seq, isRange) {
    const isChosen = !this.#chosen.has(seq);
    const from = isRange && this.#anchor ? this.#anchor : seq;
    const [first, last] = [Math.min(from, seq), Math.max(from, seq)];
    for (const row of this.#rows()) {
      const each = seqOf(row);
      if (each < first || each > last) continue;
      if (!isChosen) this.#chosen.delete(each);
      else if (this.#chosen.size < CHOSEN_MAX) this.#chosen.set(each, this.#describe(row));
      this.#show(row);
    }
    this.#anchor = seq;
    if (this.#chosen.size === 0) return this.#leave();
    fill(this.#bar, "count", this.#view.words.say("selected", { count: this.#chosen.size }));
    const { actions, list } = this.#view;
    const mayRecall = this.#seqs().every((each) => {
      const row = list.bySeq(each);
      return row !== null && actions.applies(row, "recall");
    });
    /** @type {HTMLButtonElement} */ (this.#bar.querySelector('[data-action="recall"]')).hidden = !mayRecall;
  }

  /** @param {HTMLElement} row @returns {Chosen} */
  #describe(row) {
    const { client, conversation } = this.#view;
    const held = client.store.message(conversation.conversation, seqOf(row));
    const files = [...row.querySelectorAll("[data-name]")].map((file) => file.getAttribute("data-name"));
    const text = held?.content || slot(row, "body")?.innerText.trim() || files.join(", ");
    return { name: row.dataset.name ?? "", at: Number(row.dataset.at), text };
  }

  #seqs() {
    return [...this.#chosen.keys()].sort((a, b) => a - b);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest(CHOOSABLE));
    if (!row) return;
    event.stopPropagation();
    // A label clicks its box by itself, and a box has changed already.
    if (target.tagName !== "INPUT") {
      if (target.closest(".pick")) return;
      event.preventDefault();
    }
    this.#toggle(seqOf(row), event.shiftKey);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.#leave();
      return;
    }
    const row = /** @type {HTMLElement | null} */ (target.closest(CHOOSABLE));
    if (!row || target.tagName === "INPUT" || MOVES.includes(event.key) || event.ctrlKey || event.metaKey) return;
    // The letters that act on one message do not act on several.
    event.preventDefault();
    event.stopPropagation();
    if (event.key === " " || event.key === "Enter") this.#toggle(seqOf(row), event.shiftKey);
  }

  /** Back to writing. */
  #leave() {
    const bubble = this.#view.list.bySeq(this.#anchor)?.querySelector(".bubble");
    this.#end();
    if (this.#view.composer) this.#view.composer.focus();
    else /** @type {HTMLElement | null | undefined} */ (bubble)?.focus({ preventScroll: true });
  }

  /** @param {string} action */
  async #perform(action) {
    const { boot, conversation, words, alert } = this.#view;
    const seqs = this.#seqs();
    if (action === "forward") {
      if (seqs.length > boot.limits.forward) alert.show(words.say("forward_max", { count: boot.limits.forward }));
      else {
        const here = makeUrl(boot.urls.conversation, { cid: conversation.conversation });
        location.assign(`${here}forward/?m=${seqs.join(",")}`);
      }
    } else if (action === "copy") {
      await copyText(this.#asText());
      alert.show(words.say("copied"));
      this.#leave();
    } else if (action === "recall") {
      if (await ask(words.say("recall_ask", { count: seqs.length }))) await this.#recall(seqs);
    } else this.#leave();
  }

  /** As one would write it into a letter: who, when, what. */
  #asText() {
    const { times } = this.#view;
    const of = (/** @type {number} */ seq) => /** @type {Chosen} */ (this.#chosen.get(seq));
    return this.#seqs()
      .map(of)
      .map(({ name, at, text }) => `${name}, ${times.full(at)}\n${text}`)
      .join("\n\n");
  }

  /** @param {number[]} seqs */
  async #recall(seqs) {
    const { client, conversation, words, alert } = this.#view;
    this.#leave();
    const asked = await Promise.allSettled(seqs.map((seq) => client.recall(conversation.conversation, seq)));
    const failed = asked.filter(({ status }) => status === "rejected").length;
    if (failed > 0) alert.show(words.say("recall_failed", { count: failed }));
  }
}
