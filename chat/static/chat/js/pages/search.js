/**
 * Searching messages: results while one types, and the keyboard's way through them. The form and its addresses are the
 * server's; what comes back is its page, of which the part with the results is taken.
 */

import { isComposing } from "../ui/ime.js";

/** After the last keystroke: shorter and every letter is a search, longer and it feels slow. */
const PAUSE_MS = 250;

/** Makes the search page live. @param {HTMLFormElement} form */
export function enhanceSearch(form) {
  const box = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  let shown = addressOf(form);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | undefined} */
  let asking;

  const look = async () => {
    const address = addressOf(form);
    if (address === shown) return;
    shown = address;
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(address, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.getElementById("found");
      const status = page.getElementById("found-status");
      if (!found || !status) throw new Error(`no results in ${response.status}`);
      document.getElementById("found")?.replaceWith(document.adoptNode(found));
      // The element stays: only what changes inside a live region is read out.
      document.getElementById("found-status")?.replaceChildren(...status.childNodes);
      document.title = page.title;
      history.replaceState(null, "", address);
    } catch {
      // Typed on in the meantime, or no connection: the button still asks the server, and says what is wrong.
      if (shown === address) shown = "";
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  };

  form.addEventListener("input", (event) => {
    // Another conversation is another page: its title, its people, its way back.
    if (event.target === form.elements.namedItem("in")) form.requestSubmit();
    else if (!(/** @type {InputEvent} */ (event).isComposing)) soon();
  });
  box.addEventListener("compositionend", soon);
  addEventListener("keydown", (event) => {
    if (!isComposing(event)) walk(event, box);
  });
  if (!box.value && matchMedia("(pointer: fine)").matches) box.focus();
}

/** Without what is empty, as the server writes addresses. @param {HTMLFormElement} form */
function addressOf(form) {
  const values = [...new FormData(form)].filter(([, value]) => String(value).trim());
  return `${form.action}?${new URLSearchParams(/** @type {[string, string][]} */ (values))}`;
}

/** Arrows go from the box through the results and back. @param {KeyboardEvent} event @param {HTMLElement} box */
function walk(event, box) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[/** @type {"ArrowDown"} */ (event.key)];
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".found-link")]);
  const stops = [box, ...links];
  const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const next = stops[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
