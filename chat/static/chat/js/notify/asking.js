/**
 * Browsers let a site ask once whether it may notify, and are quick to refuse for ever. So the page asks first, in its
 * own words, after the first message was sent; who says “not now” finds it in the settings.
 */

import { offer } from "./notice.js";

const ANSWERED_KEY = "notifications-asked";

/** @param {object} parts @param {import("../core/client.js").Client} parts.client @param {import("../ui/text.js").Words} parts.words */
export function askOnce({ client, words }) {
  const mayAsk = () => globalThis.Notification?.permission === "default" && !localStorage.getItem(ANSWERED_KEY);
  if (!mayAsk()) return;
  client.outbox.on("sent", async () => {
    if (!mayAsk()) return;
    const answer = await offer({
      text: words.say("notify_ask"),
      yes: words.say("notify_allow"),
      no: words.say("not_now"),
    });
    if (answer === null) return;
    localStorage.setItem(ANSWERED_KEY, new Date().toISOString());
    if (answer) await Notification.requestPermission();
  });
}
