/**
 * A small page of the site in a dialog: the server draws it (`?part=1`), the browser keeps the focus in it and gives it
 * back. When the server has something else to say, the page itself is opened, as without a script.
 */

import { clone, fill, slot } from "../ui/page.js";

const LONG_PRESS_MS = 500;

/**
 * @param {string} url
 * @param {{words: import("../ui/text.js").Words, alert: import("../ui/alert.js").Alert}} parts
 * @returns {Promise<HTMLDialogElement | null>} null when there is none
 */
export async function openSheet(url, { words, alert }) {
  const part = new URL(url, location.href);
  part.searchParams.set("part", "1");
  let content = null;
  try {
    const answer = await fetch(part, { headers: { Accept: "text/html" } });
    const text = answer.ok && !answer.redirected ? await answer.text() : "";
    content = new DOMParser().parseFromString(text, "text/html").querySelector("section");
  } catch {
    alert.show(words.say("action_offline"));
    return null;
  }
  if (!content) {
    location.assign(url);
    return null;
  }
  const dialog = /** @type {HTMLDialogElement} */ (clone("sheet-dialog"));
  fill(dialog, "title", content.dataset.heading ?? "");
  slot(dialog, "content")?.append(document.adoptNode(content));
  dialog.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === dialog || target.closest('[data-action="close"]')) dialog.close();
  });
  // The page behind has shortcuts of its own.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Links that lead to such a page; and who pressed a reaction long, with whatever they point with, or asked for its menu.
 *
 * @param {import("./start.js").View} view
 */
export function listenForSheets(view) {
  const { place, signal } = view;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let wasLong = false;
  const linkOf = (/** @type {Event} */ event, /** @type {string} */ selector) => {
    const found = /** @type {HTMLElement} */ (event.target).closest(selector);
    return /** @type {HTMLAnchorElement | null} */ (found?.closest(".reactions")?.querySelector("[data-slot=who]") ?? found);
  };
  const show = (/** @type {Event} */ event) => {
    const link = linkOf(event, "button.reaction");
    if (!link?.href) return;
    event.preventDefault();
    clearTimeout(timer);
    if (!document.querySelector("dialog[open]")) void openSheet(link.href, view);
  };
  const listen = (/** @type {string} */ type, /** @type {(event: any) => void} */ listener, capture = false) =>
    place.addEventListener(type, listener, { signal, capture });

  listen("click", (/** @type {MouseEvent} */ event) => {
    const link = linkOf(event, "a[data-sheet][href]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void openSheet(link.href, view);
  });
  listen("contextmenu", show);
  // iOS knows no contextmenu. Before the row's own long press, which is for its menu.
  listen(
    "pointerdown",
    (/** @type {PointerEvent} */ event) => {
      clearTimeout(timer);
      wasLong = false;
      if (event.pointerType !== "touch" || !linkOf(event, "button.reaction")) return;
      event.stopPropagation();
      timer = setTimeout(() => {
        wasLong = true;
        show(event);
      }, LONG_PRESS_MS);
    },
    true,
  );
  for (const end of ["pointerup", "pointercancel", "pointermove"]) listen(end, () => clearTimeout(timer));
  listen(
    "click",
    (/** @type {MouseEvent} */ event) => {
      if (!wasLong) return;
      wasLong = false;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}
