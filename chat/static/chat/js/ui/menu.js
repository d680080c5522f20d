/**
 * The menu of one message (`<template id="row-menu">`) or conversation (`conversation-menu`), beside its button or under
 * a long press, with the keyboard as menus have it. Says what was chosen; does nothing itself.
 */

import { isComposing } from "./ime.js";
import { clone } from "./page.js";

const GAP_PX = 8;

/**
 * @typedef {object} Choice
 * @property {string} action
 * @property {string} emoji For `react`.
 */

/** @type {(() => void) | null} */
let closeOpen = null;

/**
 * @param {string} template
 * @param {HTMLElement} opener gets the focus back
 * @param {{x: number, y: number}} at
 * @param {(action: string) => boolean} applies which entries this one has
 * @param {Set<string>} chosenEmoji
 * @param {(choice: Choice) => void} onChoice
 */
export function openMenu(template, opener, at, applies, chosenEmoji, onChoice) {
  closeOpen?.();
  const menu = clone(template);
  for (const entry of entries(menu)) {
    entry.hidden = !applies(entry.dataset.action ?? "");
    entry.tabIndex = -1;
    if (entry.dataset.emoji) entry.setAttribute("aria-checked", String(chosenEmoji.has(entry.dataset.emoji)));
  }
  document.body.append(menu);
  place(menu, at);

  const closing = new AbortController();
  /** @param {boolean} returnFocus */
  const close = (returnFocus) => {
    closing.abort();
    menu.remove();
    opener.removeAttribute("aria-expanded");
    if (returnFocus) opener.focus({ preventScroll: true });
    closeOpen = null;
  };
  closeOpen = () => close(false);
  opener.setAttribute("aria-expanded", "true");
  const { signal } = closing;

  menu.addEventListener(
    "click",
    (event) => {
      const entry = /** @type {HTMLElement} */ (event.target).closest("[data-action]");
      if (!entry) return;
      const { action = "", emoji = "" } = /** @type {HTMLElement} */ (entry).dataset;
      close(true);
      onChoice({ action, emoji });
    },
    { signal },
  );
  menu.addEventListener("keydown", (event) => onKey(event, menu, close), { signal });
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (!menu.contains(/** @type {Node} */ (event.target))) close(false);
    },
    { signal, capture: true },
  );
  addEventListener("resize", () => close(false), { signal });
  document.addEventListener("scroll", () => close(false), { signal, capture: true });
  shown(menu)[0]?.focus({ preventScroll: true });
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {(returnFocus: boolean) => void} close */
function onKey(event, menu, close) {
  if (isComposing(event)) return;
  const all = shown(menu);
  const index = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: index + 1, ArrowRight: index + 1, ArrowUp: index - 1, ArrowLeft: index - 1, Home: 0, End: -1 };
  if (event.key in steps) {
    event.preventDefault();
    all.at(steps[event.key] % all.length)?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    close(true);
  }
  event.stopPropagation();
}

/** @param {HTMLElement} menu */
const entries = (menu) => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[data-action]")]);

/** @param {HTMLElement} menu */
const shown = (menu) => entries(menu).filter((entry) => !entry.hidden);

/** Near the point, and wholly in view. @param {HTMLElement} menu @param {{x: number, y: number}} at */
function place(menu, { x, y }) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(GAP_PX, Math.min(x, innerWidth - width - GAP_PX));
  const below = y + height + GAP_PX <= innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(GAP_PX, below ? y : y - height)}px`;
}
