/**
 * A picture alone on the screen, and from it to the others of the conversation. The dialog is the browser's own: the
 * focus stays inside, Escape closes it, and what was focused before is focused again.
 */

import { isComposing } from "../ui/ime.js";
import { clone, fill, slot } from "../ui/page.js";

/** @type {Record<string, string>} */
const KEYS = { ArrowLeft: "previous", ArrowRight: "next", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out" };

/**
 * @param {HTMLAnchorElement} opener the picture's link
 * @param {HTMLElement} timeline where the others are
 * @param {import("../ui/text.js").Words} words
 */
export function openLightbox(opener, timeline, words) {
  const dialog = /** @type {HTMLDialogElement} */ (clone("lightbox"));
  const image = /** @type {HTMLImageElement} */ (slot(dialog, "image"));
  const download = /** @type {HTMLAnchorElement} */ (slot(dialog, "download"));
  const zoomButton = dialog.querySelector('[data-action="zoom"]');
  let link = opener;

  // Asked for each time: messages come and go while one looks.
  const links = () => /** @type {HTMLAnchorElement[]} */ ([...timeline.querySelectorAll(".picture")]);

  const zoom = (/** @type {boolean} */ isOn) => {
    dialog.classList.toggle("zoomed", isOn);
    zoomButton?.setAttribute("aria-pressed", String(isOn));
  };

  const show = (/** @type {HTMLAnchorElement} */ chosen) => {
    link = chosen;
    const small = chosen.querySelector("img");
    const name = chosen.dataset.name ?? "";
    const label = small?.alt ?? name;
    zoom(false);
    image.alt = label;
    image.src = chosen.href;
    download.href = chosen.href;
    download.download = name;
    fill(dialog, "name", name);
    fill(dialog, "caption", label === words.say("picture_alt", { name }) ? "" : label);
    const all = links();
    const number = all.indexOf(chosen) + 1;
    const isAlone = all.length < 2;
    fill(dialog, "count", number > 0 && !isAlone ? words.say("picture_count", { number, total: all.length }) : "");
    for (const action of ["previous", "next"]) {
      const button = /** @type {HTMLElement} */ (dialog.querySelector(`[data-action="${action}"]`));
      const isEnd = !all[number - 1 + (action === "next" ? 1 : -1)];
      // Not `disabled`: a button that has the focus must keep it.
      button.setAttribute("aria-disabled", String(isEnd));
      button.hidden = isAlone;
    }
  };

  const step = (/** @type {number} */ by) => {
    const all = links();
    const next = all[all.indexOf(link) + by];
    if (next) show(next);
  };

  const act = (/** @type {string | undefined} */ action) => {
    if (action === "previous") step(-1);
    else if (action === "next") step(1);
    else if (action === "zoom") zoom(!dialog.classList.contains("zoomed"));
    else if (action === "zoom-in" || action === "zoom-out") zoom(action === "zoom-in");
    else if (action === "close") dialog.close();
    else return false;
    return true;
  };

  dialog.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
    if (target === image) act("zoom");
    else if (target.matches(".stage")) act("close");
    else act(button?.dataset.action);
  });
  dialog.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    // The page behind has shortcuts of its own.
    if (event.key !== "Escape") event.stopPropagation();
    if (act(KEYS[event.key])) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    const back = link.isConnected ? link : opener;
    back.focus({ preventScroll: true });
    back.scrollIntoView({ block: "nearest" });
  });
  show(opener);
  document.body.append(dialog);
  dialog.showModal();
}
