/**
 * The list above the message box while a name or an emoji is being typed. The box has the focus all the time; Enter
 * and Tab take what is highlighted, and are the box's own whenever nothing is.
 *
 * @typedef {import("./token.js").Token} Token
 *
 * @typedef {object} Suggestion
 * @property {string} text What takes the place of the token.
 * @property {string} name
 * @property {string} detail
 * @property {(place: HTMLElement) => void} draw Fills the place of its picture.
 *
 * @typedef {(query: string) => Promise<Suggestion[]>} Source The best first.
 */

import { isComposing } from "../ui/ime.js";
import { clone, fill, slot } from "../ui/page.js";
import { tokenAt } from "./token.js";

/** As many as fit above a phone's keyboard. */
export const SHOWN = 8;
const LIST = "suggestion-list";
/** Keys that move the caret and change no text. */
const MOVES = ["ArrowLeft", "ArrowRight", "Home", "End"];

export class Suggestions {
  #composer;
  #box;
  #sources;
  #list = clone("suggestions");
  /** @type {Suggestion[]} */
  #rows = [];
  #chosen = -1;
  /** @type {Token | null} what the list is for, or what is being looked for */
  #token = null;
  /** Where a token stands that was closed: it stays closed until it is another one. @type {Token | null} */
  #closed = null;
  /** @type {Promise<void> | null} */
  #looking = null;

  /**
   * @param {import("../ui/composer.js").Composer} composer
   * @param {Record<Token["sign"], Source>} sources
   * @param {AbortSignal} signal
   */
  constructor(composer, sources, signal) {
    this.#composer = composer;
    this.#box = composer.box;
    this.#sources = sources;
    this.#list.hidden = true;
    this.#box.form?.append(this.#list);
    /** @param {string} name @param {(event: any) => void} act @param {boolean} [capture] */
    const listen = (name, act, capture = false) => this.#box.addEventListener(name, act, { capture, signal });
    // Before the box's own: what is taken here must not be sent there.
    listen("keydown", (event) => this.#onKey(event), true);
    listen("input", (event) => !event.isComposing && this.#look());
    listen("compositionend", () => this.#look());
    listen("click", () => this.#look());
    listen("keyup", (event) => !isComposing(event) && MOVES.includes(event.key) && this.#look());
    listen("blur", () => this.#close());
    // The box keeps the focus, and a phone its keyboard.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const option = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
    signal.addEventListener("abort", () => {
      this.#close();
      this.#list.remove();
    });
    if (document.activeElement === this.#box) this.#look(); // what was typed before this was loaded
  }

  #look() {
    const token = tokenAt(this.#box.value, this.#box.selectionEnd);
    const isClosed = token?.start === this.#closed?.start && token?.query === this.#closed?.query;
    if (!token || isClosed || this.#box.selectionStart !== this.#box.selectionEnd) {
      if (!token) this.#closed = null;
      this.#close();
      return;
    }
    this.#closed = null;
    this.#token = token;
    const looking = this.#sources[token.sign](token.query).then(
      (found) => this.#token === token && this.#show(found, token),
      () => this.#token === token && this.#close(), // offline: what is typed stays what it is
    );
    this.#looking = looking.then(() => {
      if (this.#token === token) this.#looking = null;
    });
  }

  /** @param {Suggestion[]} found @param {Token} token */
  #show(found, token) {
    this.#rows = found.slice(0, SHOWN);
    if (this.#rows.length === 0) {
      this.#close();
      return;
    }
    this.#list.replaceChildren(...this.#rows.map(drawOption));
    this.#list.setAttribute("aria-label", this.#list.dataset[token.sign === "@" ? "names" : "emoji"] ?? "");
    this.#list.hidden = false;
    // A box for messages is a plain one: it is a combobox for as long as there is a list.
    this.#box.setAttribute("role", "combobox");
    this.#box.setAttribute("aria-autocomplete", "list");
    this.#box.setAttribute("aria-haspopup", "listbox");
    this.#box.setAttribute("aria-controls", LIST);
    this.#box.setAttribute("aria-expanded", "true");
    // Nothing is highlighted for a bare “@”: its Enter sends.
    this.#choose(token.query === "" ? -1 : 0);
  }

  #close() {
    this.#token = null;
    this.#looking = null;
    this.#rows = [];
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    this.#list.replaceChildren();
    for (const name of ["role", "aria-autocomplete", "aria-haspopup", "aria-controls", "aria-expanded"]) {
      this.#box.removeAttribute(name);
    }
    this.#box.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index -1 for none */
  #choose(index) {
    this.#chosen = index;
    [...this.#list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === index)));
    const option = this.#list.children[index];
    if (option) this.#box.setAttribute("aria-activedescendant", option.id);
    else this.#box.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (!isPlain || !this.#token) return;
    const count = this.#rows.length;
    const isTaking = event.key === "Enter" || event.key === "Tab";
    if (isTaking && this.#looking && this.#token.query !== "") this.#takeWhenFound(event.key);
    else if (isTaking && count > 0 && this.#chosen >= 0) this.#take(this.#chosen);
    else if (event.key === "ArrowDown" && count > 0) this.#choose((this.#chosen + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) this.#choose(this.#chosen > 0 ? this.#chosen - 1 : count - 1);
    else if (event.key === "Escape" && count > 0) {
      this.#closed = this.#token;
      this.#close();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Typed faster than the names come: the key means what it would have meant. @param {string} key */
  #takeWhenFound(key) {
    const token = this.#token;
    void this.#looking?.then(() => {
      if (this.#token === token && this.#chosen >= 0) this.#take(this.#chosen);
      else if (!this.#token && key === "Enter") this.#composer.submit();
    });
  }

  /** @param {number} index */
  #take(index) {
    const row = this.#rows[index];
    const token = this.#token;
    this.#close();
    if (row && token) this.#composer.insert(row.text, token.start, token.end);
  }
}

/** @param {Suggestion} row @param {number} index */
function drawOption({ name, detail, draw }, index) {
  const option = clone("suggestion");
  option.id = `suggestion-${index}`;
  const picture = slot(option, "picture");
  if (picture) draw(picture);
  fill(option, "name", name);
  fill(option, "detail", detail);
  return option;
}
