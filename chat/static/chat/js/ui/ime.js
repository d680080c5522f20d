/**
 * Typing through an input method: the Enter that ends a composition must never send, and the Escape that cancels one
 * must never close anything.
 *
 * Chromium says Enter/229 with isComposing, then compositionend. Safari says compositionend first, and then Enter/229
 * without isComposing (webkit.org/b/165004). So three signs are asked, and every keydown handler begins with this.
 */

let composing = false;

addEventListener("compositionstart", () => (composing = true), true);
addEventListener("compositionend", () => (composing = false), true);

/** @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === 229 || composing;
