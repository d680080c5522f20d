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
import { element, isWatched } from "./page.js";
import { showPresence } from "./presence.js";
import { Reads } from "./reads.js";
import { RowMaker } from "./row.js";
import { RowList, seqOf } from "./row_list.js";
import { ScrollKeeper } from "./scroll_keeper.js";
import { Timeline } from "./timeline.js";
import { Typing } from "./typing.js";

/**
 * @typedef {object} Parts What the whole page shares.
 * @property {import("./page.js").Boot} boot
 * @property {import("../core/client.js").Client} client
 * @property {import("./api.js").Api} api
 * @property {import("./people.js").People} people
 * @property {import("./text.js").Words} words
 * @property {import("./times.js").Times} times
 * @property {import("./drafts.js").Drafts} drafts
 * @property {import("./list.js").ConversationList} list
 * @property {import("./alert.js").Alert} alert
 *
 * @param {import("../core/frames.js").Conversation} conversation
 * @param {Parts} shared
 */
export function openConversation(conversation, shared) {
  const { boot, client, api, people, words, times, drafts, list: conversations, alert } = shared;
  const cid = conversation.conversation;
  const scroller = element("scroller");
  const place = element("timeline");
  const links = {
    older: /** @type {HTMLAnchorElement} */ (element("older")),
    newer: /** @type {HTMLAnchorElement} */ (element("newer")),
  };
  const composer = document.getElementById("composer")
    ? new Composer({ drafts, words, cid, maxChars: boot.limits.content_chars })
    : null;

  const maker = new RowMaker({ boot, words, times, people, conversation });
  const list = new RowList(place, maker, boot.limits.group_gap_s);
  const keeper = new ScrollKeeper(scroller, place);
  const history = new History({ api, cid, list, keeper, store: client.store, people, links }, boot);
  const timeline = new Timeline({ client, list, maker, keeper, history, api, people, words, conversation });
  const marks = new Marks({ list, keeper, history, timeline, words }, boot.first_unread, boot.user.username);
  const reads = new Reads({ client, list, keeper, timeline, scroller, cid });
  const actions = new Actions(place, { boot, conversation, client, api, composer, reads, words, alert });
  const typing = new Typing({ client, people, words, list: conversations }, cid);
  new TimelineKeys(place, { timeline, actions });
  followQuotes(place, history, keeper);
  announce(timeline, client, words, people, conversation);
  timeline.on("changed", () => document.getElementById("empty-timeline")?.remove());
  followTitle(client, conversation);
  const status = document.getElementById("status");
  if (status?.dataset.user) showPresence(status, { client, words, times });

  takePlace(boot, cid, { list, keeper, marks });
  enlargePictures(place, words);
  if (composer) acceptFiles(composer, { boot, client, list, words, alert });
  if (composer) connectComposer(composer, { cid, client, timeline, list, actions, marks, typing });
  reads.look();
  return { toUnread: () => void marks.toUnread(), toLatest: () => void history.toLatest(), pauseReads: () => reads.pause() };
}

/**
 * @param {Composer} composer
 * @param {object} parts
 * @param {string} parts.cid
 * @param {import("../core/client.js").Client} parts.client
 * @param {Timeline} parts.timeline
 * @param {RowList} parts.list
 * @param {Actions} parts.actions
 * @param {Marks} parts.marks
 * @param {Typing} parts.typing
 */
function connectComposer(composer, { cid, client, timeline, list, actions, marks, typing }) {
  composer.on("send", (id, content, replyTo, files) => {
    client.sendMessage({ conversation: cid, content, ...(replyTo ? { reply_to: replyTo } : {}), ...files }, id);
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

/**
 * A group may be renamed while one looks at it.
 *
 * @param {import("../core/client.js").Client} client
 * @param {import("../core/frames.js").Conversation} opened
 */
function followTitle(client, opened) {
  if (opened.kind === "direct") return;
  client.store.on("conversation", ({ conversation, title }) => {
    const place = element("title");
    if (conversation === opened.conversation && place.textContent !== title) place.textContent = title;
  });
}

/**
 * Only what is new, from others, in a conversation that somebody is looking at.
 *
 * @param {Timeline} timeline
 * @param {import("../core/client.js").Client} client
 * @param {import("./text.js").Words} words
 * @param {import("./people.js").People} people
 * @param {import("../core/frames.js").Conversation} conversation
 */
function announce(timeline, client, words, people, conversation) {
  const announcer = new Announcer(element("announcer"), words, people);
  timeline.on("arrived", (message) => {
    const isNew = message.seq > conversation.last_seq && message.sender !== client.store.me;
    if (isNew && isWatched() && message.kind !== "system" && !message.recalled_at) announcer.say(message);
  });
}

/**
 * Where the reader begins: at the linked message, at the first unread one, where this tab was left, or at the end.
 *
 * @param {import("./page.js").Boot} boot
 * @param {string} cid
 * @param {{list: RowList, keeper: ScrollKeeper, marks: Marks}} parts
 */
function takePlace(boot, cid, { list, keeper, marks }) {
  const key = `place:${cid}`;
  const left = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const target = boot.target ? list.bySeq(boot.target) : null;
  const leftRow = left ? list.bySeq(left.seq) : null;
  if (target) keeper.show(target, 0.5);
  else if (!marks.toUnread()) {
    if (leftRow) keeper.restore(leftRow, left.top);
    else keeper.toEnd();
  }
  addEventListener("pagehide", () => {
    const position = keeper.position();
    if (position) sessionStorage.setItem(key, JSON.stringify({ seq: seqOf(position.row), top: position.top }));
    else sessionStorage.removeItem(key);
  });
}

/** A quote leads to what it quotes, without leaving the page. @param {HTMLElement} place @param {History} history @param {ScrollKeeper} keeper */
function followQuotes(place, history, keeper) {
  place.addEventListener("click", (event) => {
    const quote = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-mid-ref]"));
    if (!quote || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void history.find(Number(quote.dataset.midRef)).then((row) => {
      if (!row) return;
      place.querySelector(".row.target")?.classList.remove("target");
      row.classList.add("target");
      keeper.show(row, 0.5);
    });
  });
}
