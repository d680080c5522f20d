/**
 * The network is back, and what one looks at is what was kept: once everything is sent, the page itself takes its place.
 * Not under the hands of somebody who is writing.
 */

import { offer } from "../notify/notice.js";

/** Where pages cannot be had although the socket can, this page is not loaded over and over. */
const ONCE_IN_MS = 60_000;
const TRIED_KEY = "came-back";

/** @param {import("./start.js").Parts} parts */
export function comeBack({ client, drafts, words }) {
  const look = async () => {
    if (client.connection.state !== "connected" || client.outbox.items().some((item) => item.state !== "failed")) return;
    const tried = Number(sessionStorage.getItem(TRIED_KEY));
    const ask = { text: words.say("back_online"), yes: words.say("reload"), no: words.say("not_now") };
    if ((isWriting() || Date.now() - tried < ONCE_IN_MS) && !(await offer(ask))) return;
    sessionStorage.setItem(TRIED_KEY, String(Date.now()));
    drafts.flush();
    location.reload();
  };
  client.on("login", () => void look());
  client.outbox.on("removed", () => void look());
  void look();
}

const isWriting = () => {
  const box = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("message"));
  return box !== null && box === document.activeElement && box.value !== "";
};
