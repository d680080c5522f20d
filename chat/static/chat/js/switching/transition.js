/**
 * On a phone the list and a conversation take each other's place: the one fades into the other, unless somebody wants
 * less movement. Where they stand side by side nothing fades.
 */

/** @param {boolean} isExchange the list for a conversation, or the other way round @param {() => void} change */
export function inTransition(isExchange, change) {
  const isOnePane = !matchMedia("(min-width: 45rem)").matches;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (isExchange && isOnePane && !isCalm && document.startViewTransition) {
    // One that is cut short by the next has changed the page all the same.
    document.startViewTransition(change).finished.catch(() => {});
  } else change();
}
