/**
 * The list is where it was when one comes back to it, and when another conversation is opened beside it. Browsers
 * remember only how far the page itself was scrolled.
 */

/** @param {HTMLElement} scroller @param {string} filter each has a place of its own */
export function keepListPlace(scroller, filter) {
  restoreListPlace(scroller, filter);
  addEventListener("pagehide", () => rememberListPlace(scroller, filter));
}

/** @param {HTMLElement} scroller @param {string} filter */
export function rememberListPlace(scroller, filter) {
  // On a phone the list is not on every page.
  if (scroller.clientHeight > 0) sessionStorage.setItem(keyOf(filter), String(scroller.scrollTop));
}

/** @param {HTMLElement} scroller @param {string} filter */
export function restoreListPlace(scroller, filter) {
  scroller.scrollTop = Number(sessionStorage.getItem(keyOf(filter)));
}

/** @param {string} filter */
const keyOf = (filter) => `list:${filter}`;
