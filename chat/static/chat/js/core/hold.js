/**
 * What was just sent may be undone for some seconds: until then it does not go.
 *
 * @typedef {import("./outbox_storage.js").Item} Item
 */

/** Nothing is held for longer, though the clock be put back meanwhile. */
const HOLD_MAX_MS = 60_000;

/** For how long it is still held. @param {Item} item @param {number} now Unix ms */
export function heldMsOf({ held_until = 0 }, now) {
  const leftMs = held_until - now;
  return leftMs <= HOLD_MAX_MS ? Math.max(leftMs, 0) : 0;
}
