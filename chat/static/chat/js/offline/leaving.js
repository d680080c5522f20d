/** Whoever signs out in one tab leaves in all of them: on this computer nothing goes on showing what was read. */

/** @param {string} me @returns {BroadcastChannel | undefined} */
const channelOf = (me) => globalThis.BroadcastChannel && new BroadcastChannel(`leaving:${me}`);

let isFirst = false;

/** The user signs out here. @param {string} me */
export function tellLeaving(me) {
  isFirst = true; // this tab hears its own word, and is on its way already
  channelOf(me)?.postMessage(null);
}

/** @param {import("../core/client.js").Client} client */
export function leaveWithOthers(client) {
  channelOf(client.store.me)?.addEventListener("message", () => {
    // Not before the server has ended the session: until then the door would send this tab back.
    client.on("state", (state) => state === "signed-out" && !isFirst && location.replace("/signin"));
  });
}
