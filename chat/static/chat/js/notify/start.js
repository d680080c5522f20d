/**
 * Tells the user of what is new while they look elsewhere. Of all tabs one does it: the one in which the user did
 * something last, for only that one may be heard.
 *
 * @typedef {import("../ui/current.js").Parts & {current: import("../ui/current.js").Current}} Parts
 */

import { makeUrl } from "../ui/page.js";
import { openDrainLock } from "../ui/tabs.js";
import { askOnce } from "./asking.js";
import { AttentionOfTabs } from "./attention.js";
import { Chime } from "./chime.js";
import { clockIn, decide } from "./decide.js";
import { Handover } from "./handover.js";
import { Popups } from "./popups.js";

/** More than any system shows of a message. */
const PREVIEW_CHARS = 200;

/** @param {Parts} parts */
export function startNotifying({ boot, client, people, words, current }) {
  if (!globalThis.BroadcastChannel) return;
  const me = boot.user.username;
  const attention = new AttentionOfTabs(me);
  const chime = new Chime(boot.urls.chime);
  const popups = new Popups((address) => current.go(address));
  const { store } = client;

  const handover = new Handover(new BroadcastChannel(`notified:${me}`));
  const leader = openDrainLock(`notify:${me}`);
  leader.request(() => {
    if (leader.held) for (const news of handover.take()) void tell(news);
  });
  const lead = () => leader.held || leader.take();
  for (const deed of ["pointerdown", "keydown"]) addEventListener(deed, lead, { passive: true, capture: true });

  followSettings(boot);
  askOnce({ client, words });

  store.on("message", (message, isNew) => {
    if (!isNew || message.sender === me) return;
    const news = { message, at: Date.now(), settings: boot.notifications };
    if (leader.held) void tell(news);
    else handover.leave(news);
  });

  /** @param {import("./handover.js").News} news */
  async function tell(news) {
    handover.claim(news);
    const { message, at, settings } = news;
    const id = message.conversation;
    const where = await attention.of(id);
    const conversation = store.conversation(id);
    if (!conversation) return;
    const clock = clockIn(boot.timezone, at);
    const situation = { me, message, conversation, clock, attention: where, age_ms: at - message.timestamp };
    const { shows, sounds } = decide(settings, situation);
    if (sounds) void chime.play();
    if (!shows) return;
    const name = people.name(message.sender);
    const text = settings.hide_text ? words.say("notify_hidden") : previewOf(message, words);
    const isGroup = conversation.kind !== "direct";
    void popups.show(id, {
      title: isGroup ? conversation.title : conversation.title || name,
      body: isGroup ? words.say("preview_named", { name, text }) : text,
      icon: boot.urls.icon,
      address: makeUrl(boot.urls.permalink, { cid: id, seq: message.seq }),
    });
  }

  // Read here, in another tab or on another device.
  const closeRead = (/** @type {string} */ id) => {
    const { lastSeq, readSeq } = store.progress(id);
    if (readSeq >= lastSeq) void popups.close(id);
  };
  client.on("read", closeRead);
  store.on("conversation", ({ conversation }) => closeRead(conversation));
  store.on("removed", (id) => void popups.close(id));
  performance.mark("notifying");
}

/** @param {import("../core/frames.js").Message} message @param {import("../ui/text.js").Words} words */
const previewOf = ({ kind, content }, words) => [words.kind(kind), content].filter(Boolean).join(" ").slice(0, PREVIEW_CHARS);

/** What this page brought is news to the tabs that were there before, and what the next one brings. @param {import("../ui/page.js").Boot} boot */
function followSettings(boot) {
  const channel = new BroadcastChannel(`notifications:${boot.user.username}`);
  channel.addEventListener("message", ({ data }) => {
    boot.notifications = data;
  });
  if (!boot.kept_at) channel.postMessage(boot.notifications);
}
