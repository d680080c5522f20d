/**
 * A text that is long for a message is offered to go as a file: it can be read and kept as one, and fills no screens.
 */

import { clone, element } from "../ui/page.js";

/** Characters; 10,000 is the most that a message has. */
const LONG_FROM = 8_000;

/** @param {import("../ui/composer.js").Composer} composer @param {AbortSignal} signal */
export function offerFiles(composer, signal) {
  const { box } = composer;
  const offer = clone("as-file");
  offer.hidden = true;
  box.form?.append(offer);
  const look = () => {
    const isLong = box.value.length > LONG_FROM;
    if (offer.hidden === isLong) offer.hidden = !isLong;
  };
  offer.querySelector("button")?.addEventListener("click", () => {
    // Through the field, as if it had been chosen there.
    const files = /** @type {HTMLInputElement} */ (element("files"));
    const chosen = new DataTransfer();
    chosen.items.add(new File([box.value], `${new Date().toISOString().slice(0, 10)}.txt`, { type: "text/plain" }));
    files.files = chosen.files;
    files.dispatchEvent(new Event("change"));
    composer.insert("", 0, box.value.length);
    look();
  });
  box.addEventListener("input", look, { signal });
  signal.addEventListener("abort", () => offer.remove());
  look();
}
