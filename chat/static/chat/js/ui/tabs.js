/**
 * The tabs of one browser tell each other what the server would tell them later, or not at all.
 *
 * @typedef {{kind: "outbox"} | {kind: "read", conversation: string, seq: number}} Note
 */

import { systemClock } from "../core/clock.js";
import { leaseLock, webLock } from "../core/drain_lock.js";

/** @param {string} name @returns {import("../core/drain_lock.js").DrainLock} which of the tabs empties the outbox of this name */
export const openDrainLock = (name) =>
  navigator.locks ? webLock(name, navigator.locks) : leaseLock(name, localStorage, systemClock);

/** @param {import("../core/client.js").Client} client */
export function joinTabs(client) {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(`im:${client.store.me}`);
  /** @param {Note} note */
  const tell = (note) => channel.postMessage(note);

  client.outbox.on("stored", () => tell({ kind: "outbox" }));
  client.on("read", (conversation, seq) => tell({ kind: "read", conversation, seq }));
  channel.addEventListener("message", ({ data }) => {
    const note = /** @type {Note} */ (data);
    if (note.kind === "outbox") void client.outbox.reload();
    else client.store.advanceRead(note.conversation, note.seq);
  });
}
