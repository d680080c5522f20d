/**
 * The open conversation: its parts, made in the order in which they need each other. Nothing of the page is touched
 * before everything that can fail has been made, so that a failure leaves the plain page as it was.
 */

import { Actions, contextOf } from "./actions.js";
import { Announcer } from "./announcer.js";
import { acceptFiles, enlargePictures } from "./attachments.js";
import { Composer } from "./composer.js";
import { History } from "./history.js";
import { TimelineKeys } from "./keyboard.js";
import { Marks } from "./marks.js";
import { firstHelper } from "./mentioned.js";
import { element, isWatched, once, whenIdle } from "./page.js";
import { showPresence } from "./presence.js";
import { Reads } from "./reads.js";
import { RowMaker } from "./row.js";
import { RowList, seqOf } from "./row_list.js";
import { ScrollKeeper } from "./scroll_keeper.js";
import { Timeline } from "./timeline.js";

/** Where in the view a day begins that was asked for: below its heading, which sticks to the top. */
const DAY_AT = 0.07;

/**
 * @typedef {object} Parts What the whole page shares.
 * @property {import("./page.js").Boot} boot
 * @property {import("../core/client.js").Client} client
 * @property {import("./api.js").Api} api
 * @property {import("./people.js").People} people
 * @property {import("./text.js").Words} words
 * @property {import("./times.js").Times} times
 * @property {import("./drafts.js").Drafts} drafts
 * @property {import("./list.js").ConversationList} conversations
 * @property {import("./typing.js").Typing} typing
 * @property {import("./alert.js").Alert} alert
 *
 * @typedef {object} View What belongs to this conversation, until `signal`: every listener on anything that outlives it
 *   ends with that.
 * @property {import("../core/frames.js").Conversation} conversation As it was opened; the store has it as it is.
 * @property {HTMLElement} place `#timeline`
 * @property {HTMLElement} scroller
 * @property {RowMaker} maker
 * @property {RowList} list
 * @property {ScrollKeeper} keeper
 * @property {History} history
 * @property {Timeline} timeline
 * @property {Marks} marks
 * @property {Reads} reads
 * @property {Actions} actions
 * @property {Composer | null} composer Null where the user may not write.
 * @property {AbortSignal} signal
 *
 * @param {import("../core/frames.js").Conversation} conversation
 * @param {Parts} shared
 * @param {AbortSignal} signal ends it: another conversation is opened in this page
 * @param {import("../core/frames.js").Message[]} missed what changed since the rows in the page were drawn
 * @returns {Parts & View}
 */
export function openConversation(conversation, shared, signal, missed) {
  const { boot, client, api, people, words, times, drafts, alert, typing } = shared;
  const cid = conversation.conversation;
  const scroller = element("scroller");
  const place = element("timeline");
  const links = {
    older: /** @type {HTMLAnchorElement} */ (element("older")),
    newer: /** @type {HTMLAnchorElement} */ (element("newer")),
  };
  const composer = document.getElementById("composer")
    ? new Composer({
        ...{ drafts, words, cid, signal },
        maxChars: boot.limits.content_chars,
        enterSends: boot.user.enter_sends !== false,
      })
    : null;

  const maker = new RowMaker({ boot, words, times, people, conversation });
  const list = new RowList(place, maker, boot.limits.group_gap_s);
  const keeper = new ScrollKeeper(scroller, place, signal);
  const history = new History({ api, cid, list, keeper, store: client.store, people, links, signal }, boot);
  const timeline = new Timeline({ client, list, maker, keeper, history, api, people, words, conversation, signal });
  timeline.catchUp(missed);
  const marks = new Marks({ list, keeper, history, timeline, words, signal }, boot.first_unread, boot.user.username);
  const reads = new Reads({ client, list, keeper, timeline, scroller, cid, signal });
  const actions = new Actions(place, { boot, conversation, client, api, composer, reads, words, alert, signal });
  const parts = { place, scroller, maker, list, keeper, history, timeline, marks, reads, actions, composer };
  const view = { ...shared, conversation, ...parts, signal };
  new TimelineKeys(place, { timeline, actions, signal });
  announce(view);
  timeline.on("changed", () => document.getElementById("empty-timeline")?.remove());
  followTitle(view);
  const status = document.getElementById("status");
  if (status?.dataset.user) showPresence(status, { client, words, times, signal });

  typing.open(cid);
  takePlace(boot, cid, view);
  history.watch();
  enlargePictures(place, words, signal);
  if (composer) acceptFiles(composer, { boot, client, words, alert }, { cid, list, signal });
  if (composer) connectComposer(composer, view);
  reads.look();
  whenIdle(async () => {
    try {
      const { startReading } = await import("../reading/start.js");
      if (!signal.aborted) startReading(view);
    } catch (error) {
      place.classList.add("unfolded"); // what is folded could not be opened
      throw error;
    }
  });
  const loadWriting = once(async () => {
    const { startWriting } = await import("../writing/start.js");
    if (!signal.aborted) startWriting(view);
  });
  composer?.useHelper(firstHelper(conversation.kind, loadWriting));
  whenIdle(loadWriting);
  whenIdle(async () => {
    const { startGroup } = await import("../groups/start.js");
    if (!signal.aborted) startGroup(view);
  });
  return view;
}

/** @param {Composer} composer @param {Parts & View} view */
function connectComposer(composer, { boot, conversation, client, timeline, list, actions, marks, typing }) {
  const cid = conversation.conversation;
  composer.on("send", (id, content, replyTo, files) => {
    const draft = { conversation: cid, content, ...(replyTo ? { reply_to: replyTo } : {}), ...files };
    client.sendMessage(draft, id, (boot.user.undo_s ?? 0) * 1000);
    void timeline.followOwn();
    typing.sent();
    requestAnimationFrame(() => performance.mark(`painted:${id}`));
  });
  composer.on("edit", (seq, content) => void actions.saveEdit(seq, content));
  composer.on("editLast", () => {
    const own = list.rows().filter((row) => actions.applies(row, "edit"));
    const last = own[own.length - 1];
    if (last) void actions.perform(last, "edit");
  });
  composer.on("escape", () => marks.dismiss());
  composer.on("typing", () => typing.typed());
  composer.restore((seq) => {
    const row = list.bySeq(seq);
    return row ? contextOf(row) : null;
  });
  // A phone's keyboard would cover the messages that were just opened.
  if (matchMedia("(pointer: fine)").matches) composer.focus();
}

/** A group may be renamed while one looks at it. @param {Parts & View} view */
function followTitle({ client, conversation: opened, signal }) {
  if (opened.kind === "direct") return;
  const show = (/** @type {import("../core/frames.js").Conversation} */ { conversation, title }) => {
    const place = element("title");
    if (conversation === opened.conversation && place.textContent !== title) place.textContent = title;
  };
  client.store.on("conversation", show, signal);
}

/** Only what is new, from others, in a conversation that somebody is looking at. @param {Parts & View} view */
function announce({ timeline, client, words, people, conversation }) {
  const announcer = new Announcer(element("announcer"), words, people);
  timeline.on("arrived", (message) => {
    const isNew = message.seq > conversation.last_seq && message.sender !== client.store.me;
    if (isNew && isWatched() && message.kind !== "system" && !message.recalled_at) announcer.say(message);
  });
}

/**
 * Where the reader begins: at the linked message, at the day that was asked for, at the first unread message, where this
 * tab was left, or at the end.
 *
 * @param {import("./page.js").Boot} boot
 * @param {string} cid
 * @param {Parts & View} view
 */
function takePlace(boot, cid, { list, keeper, marks, signal }) {
  const key = `place:${cid}`;
  const left = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const target = boot.target ? list.bySeq(boot.target) : null;
  const leftRow = left ? list.bySeq(left.seq) : null;
  const isDay = element("scroller").classList.contains("from-top");
  if (target) keeper.show(target, 0.5);
  else if (isDay) keeper.show(list.rows()[0], DAY_AT);
  else if (!marks.toUnread()) {
    if (leftRow) keeper.restore(leftRow, left.top);
    else keeper.toEnd();
  }
  const remember = () => {
    const position = keeper.position();
    if (position) sessionStorage.setItem(key, JSON.stringify({ seq: seqOf(position.row), top: position.top }));
    else sessionStorage.removeItem(key);
  };
  addEventListener("pagehide", remember, { signal });
  signal.addEventListener("abort", remember);
}
