/**
 * Something to decide, said in the page and never in its way: a sentence with a button, and one for “not now”.
 */

import { clone, fill, slot } from "../ui/page.js";

/** @type {HTMLElement | null} one at a time: what comes later waits for another occasion */
let shown = null;

/**
 * @param {object} notice
 * @param {string} notice.text
 * @param {string} notice.yes
 * @param {string} notice.no
 * @returns {Promise<boolean | null>} the answer; null when another notice is there
 */
export function offer({ text, yes, no }) {
  if (shown) return Promise.resolve(null);
  const bar = (shown = clone("notice"));
  document.body.append(bar);
  fill(bar, "text", text); // after it is in the page, so that it is read out
  fill(bar, "yes", yes);
  fill(bar, "no", no);
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ isYes) => () => {
      bar.remove();
      shown = null;
      resolve(isYes);
    };
    slot(bar, "yes")?.addEventListener("click", answer(true));
    slot(bar, "no")?.addEventListener("click", answer(false));
  });
}
