/**
 * The list is where it was when one comes back to it, and when another conversation is opened beside it. Browsers
 * remember only how far the page itself was scrolled.
 */

/** @param {HTMLElement} scroller @param {string} filter each has a place of its own */
export function keepListPlace(scroller, filter) {
  const key = `list:${filter}`;
  scroller.scrollTop = Number(sessionStorage.getItem(key));
  addEventListener("pagehide", () => {
    // On a phone the list is not on every page.
    if (scroller.clientHeight > 0) sessionStorage.setItem(key, String(scroller.scrollTop));
  });
}
