/**
 * The keyboard map. The timeline is one tab stop: arrows go from message to message, Enter goes into one, Escape comes
 * out, and single letters act only while a message has the focus.
 */

import { isComposing } from "./ime.js";
import { element, slot } from "./page.js";

const INNER = "a[href], button";

export class TimelineKeys {
  #timeline;
  #actions;

  /**
   * @param {HTMLElement} timeline
   * @param {object} parts
   * @param {import("./timeline.js").Timeline} parts.timeline
   * @param {import("./actions.js").Actions} parts.actions
   * @param {AbortSignal} parts.signal
   */
  constructor(timeline, { timeline: events, actions, signal }) {
    this.#timeline = timeline;
    this.#actions = actions;
    timeline.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    const follow = (/** @type {FocusEvent} */ event) => {
      const bubble = /** @type {HTMLElement} */ (event.target).closest(".bubble");
      if (bubble) this.#setStop(/** @type {HTMLElement} */ (bubble));
    };
    timeline.addEventListener("focusin", follow, { signal });
    events.on("changed", () => this.#keepOneStop());
    this.#keepOneStop();
  }

  #bubbles() {
    return /** @type {HTMLElement[]} */ ([...this.#timeline.querySelectorAll(".row .bubble")]);
  }

  /** Exactly one message can be tabbed to, and nothing inside of any but code that needs the keyboard to scroll. */
  #keepOneStop() {
    for (const bubble of this.#bubbles()) {
      if (bubble.dataset.stops) continue;
      bubble.dataset.stops = "1";
      if (!bubble.hasAttribute("tabindex")) bubble.tabIndex = -1;
      for (const inner of controlsOf(bubble)) inner.tabIndex = -1;
      for (const code of bubble.querySelectorAll("pre")) if (!scrolls(code)) code.removeAttribute("tabindex");
    }
    for (const link of this.#timeline.querySelectorAll(".day a, .fold button")) /** @type {HTMLElement} */ (link).tabIndex = -1;
    if (this.#timeline.querySelector('.bubble[tabindex="0"]')) return;
    const newest = this.#bubbles().at(-1);
    if (newest) newest.tabIndex = 0;
  }

  /** @param {HTMLElement} stop */
  #setStop(stop) {
    for (const bubble of this.#timeline.querySelectorAll('.bubble[tabindex="0"]')) {
      if (bubble !== stop) /** @type {HTMLElement} */ (bubble).tabIndex = -1;
    }
    stop.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isComposing(event)) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest(".row"));
    const bubble = /** @type {HTMLElement | null} */ (row?.querySelector(".bubble") ?? null);
    if (!row || !bubble) return;
    // In a block of code the arrows scroll.
    if (target.tagName === "PRE" && event.key !== "Escape") return;
    if (target !== bubble) this.#onInnerKey(event, bubble, target);
    else if (!event.ctrlKey && !event.metaKey && !event.altKey) this.#onBubbleKey(event, row, bubble);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} row @param {HTMLElement} bubble */
  #onBubbleKey(event, row, bubble) {
    const bubbles = this.#bubbles();
    const index = bubbles.indexOf(bubble);
    /** @type {Record<string, number>} */
    const moves = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: bubbles.length - 1 };
    const act = this.#actionFor(event.key);
    if (event.key in moves) {
      const next = bubbles[Math.max(0, Math.min(bubbles.length - 1, moves[event.key]))];
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") controlsOf(bubble)[0]?.focus();
    else if (event.key === "Escape") document.getElementById("message")?.focus({ preventScroll: true });
    else if (event.key === "+") slot(row, "more")?.click();
    else if (event.key.toLowerCase() === "d") dayAbove(row)?.click();
    else if (act && this.#actions.applies(row, act)) void this.#actions.perform(row, act);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} bubble @param {HTMLElement} target */
  #onInnerKey(event, bubble, target) {
    const controls = controlsOf(bubble);
    const index = controls.indexOf(target);
    if (event.key === "Escape") bubble.focus({ preventScroll: true });
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") controls[(index + 1) % controls.length]?.focus();
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") controls.at(index - 1)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} key */
  #actionFor(key) {
    /** @type {Record<string, string>} */
    const actions = { r: "reply", e: "edit", c: "link", Delete: "recall" };
    return actions[key.length === 1 ? key.toLowerCase() : key];
  }
}

/** @param {HTMLElement} box */
const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;

/** The way to other days. @param {Element | null} row @returns {HTMLElement | null} */
function dayAbove(row) {
  while (row && !row.classList.contains("day")) row = row.previousElementSibling;
  return row && slot(row, "day-link");
}

/** A message's own controls, its menu last. @param {HTMLElement} bubble */
function controlsOf(bubble) {
  const row = /** @type {HTMLElement} */ (bubble.closest(".row"));
  const all = /** @type {HTMLElement[]} */ ([...row.querySelectorAll(INNER)]);
  return all.filter((each) => each.closest("[hidden]") === null);
}

/**
 * Keys that work everywhere in the chat. None of them is a single letter, and the browser's own find is left alone.
 *
 * @param {object} does
 * @param {(step: number, unreadOnly: boolean) => void} does.go to another conversation
 * @param {() => import("./current.js").View | null} does.view
 */
export function listenForShortcuts({ go, view }) {
  addEventListener("keydown", (event) => {
    if (isComposing(event) || event.defaultPrevented) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.altKey && !isCommand && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      go(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
    } else if (isCommand && event.key === "F6") focusRegion(event.shiftKey ? -1 : 1);
    else if (event.shiftKey && !isCommand && event.key === "PageUp" && view() && !isTyping(event)) view()?.marks.toUnread();
    else if (isCommand && event.key === "End" && view() && !isTyping(event)) void view()?.history.toLatest();
    else return;
    event.preventDefault();
  });
}

/** In a text, these keys belong to the text. @param {KeyboardEvent} event */
const isTyping = (event) => Boolean(/** @type {HTMLInputElement} */ (event.target).value);

/** Where the focus goes in a region, the best first. */
const STOPS = ['.bubble[tabindex="0"]', "textarea", '[aria-current="page"]', "a[href], button, summary"];

/** List, messages, message box, side panel: round and round. @param {number} step */
function focusRegion(step) {
  const regions = ["sidebar", "timeline", "composer", "info"]
    .map((id) => document.getElementById(id))
    .filter((each) => each !== null && each.getClientRects().length > 0);
  const here = regions.findIndex((region) => region?.contains(document.activeElement));
  const next = regions[(here + step + regions.length) % regions.length] ?? element("main");
  for (const selector of STOPS) {
    for (const stop of /** @type {NodeListOf<HTMLElement>} */ (next.querySelectorAll(selector))) {
      stop.focus();
      if (document.activeElement === stop) return; // else it cannot be seen
    }
  }
}
