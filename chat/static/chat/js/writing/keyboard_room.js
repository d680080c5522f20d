/**
 * Room for a keyboard that lies over the page. Where the browser knows `interactive-widget=resizes-content` the page
 * itself gets smaller and there is nothing to do here; iOS ignores that, and would hide the message box (UX §8.3).
 */

/** Less than this is a bar of the browser's that comes and goes, and no keyboard. */
const KEYBOARD_PX = 100;

/** @param {AbortSignal} signal */
export function makeRoomForKeyboard(signal) {
  const view = globalThis.visualViewport;
  if (!view) return;
  const { style } = document.body;
  const fit = () => {
    // Somebody who has zoomed in looks at a part of the page on purpose.
    const isCovered = view.scale === 1 && innerHeight - view.height > KEYBOARD_PX;
    style.height = isCovered ? `${view.height}px` : "";
    // The browser has moved the page to show the box that was touched: now it is in view by itself.
    if (isCovered) scrollTo(0, 0);
  };
  view.addEventListener("resize", fit, { signal });
  signal.addEventListener("abort", () => (style.height = ""));
  fit(); // it may be open before this is loaded
}
