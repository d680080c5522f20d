/**
 * An open conversation outside the page: one that was left, as it was left, or one that the server has drawn ahead.
 *
 * It may be shown again as long as everything that changed since is in the store: its rows are brought up to date from
 * there. What else a page shows of a conversation (its members, its settings) is drawn by the server alone, so a pane is
 * void when any of that changed.
 *
 * @typedef {import("../core/client.js").Client} Client
 * @typedef {import("../core/frames.js").Conversation} Conversation
 * @typedef {import("../core/frames.js").Message} Message
 * @typedef {import("../ui/current.js").View} View
 * @typedef {import("./frame.js").Frame} Frame
 * @typedef {Pick<import("../ui/page.js").Boot, "people" | "target" | "has_older" | "has_newer">} Facts
 *
 * @typedef {object} Pane
 * @property {string} cid
 * @property {Frame} frame
 * @property {Facts} facts What the page's JSON says of it.
 * @property {number} version Everything up to this change is drawn.
 * @property {string} traits The conversation as it was drawn, but for what the rows show.
 * @property {number} at When it was drawn, for what nobody tells (somebody's new name).
 */

import { frameOf } from "./frame.js";

/** What nobody tells is not older than this. */
const GOOD_FOR_MS = 10 * 60_000;
/** More is sooner drawn by the server. */
const MISSED_MAX = 50;
/** What rows and the list keep true by themselves, and what frames add. */
const TOLD = ["type", "id", "reset", "last_seq", "version", "read_seq", "unread", "receipts", "last_message"];

/** @param {Conversation | null} conversation */
const traitsOf = (conversation) =>
  JSON.stringify(Object.entries(conversation ?? {}).filter(([name]) => !TOLD.includes(name)).sort());

/**
 * The server draws it.
 *
 * @param {string} address
 * @param {Client} client
 * @returns {Promise<Pane>} rejects when it cannot be had, for whatever reason
 */
export async function fetchPane(address, client) {
  // Not stored: under this address browsers have a whole page.
  const answer = await fetch(address, { headers: { "X-Part": "1", Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} for ${address}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  /** @type {Facts & {conversation: Conversation}} */
  const { conversation, ...facts } = JSON.parse(page.getElementById("boot")?.textContent ?? "");
  const cid = conversation.conversation;
  // One that the list leaves out. Of the others the store knows more than any answer.
  if (!client.store.has(cid)) client.store.applyConversation(conversation);
  const traits = traitsOf(client.store.conversation(cid));
  return { cid, frame: frameOf(page), facts, version: conversation.version, traits, at: Date.now() };
}

/**
 * Makes a pane of the conversation in the page. What waits, what is new and what was pointed at are of this visit.
 *
 * @param {View} view before it ends
 * @param {Frame} frame
 * @returns {Pane}
 */
export function leavePane({ conversation: { conversation: cid }, client, composer, list, place }, frame) {
  composer?.rest();
  document.getElementById("composer-context")?.toggleAttribute("hidden", true);
  const line = document.getElementById("unread-line");
  if (line) list.removeLine(line);
  place.querySelector(".row.target")?.classList.remove("target");
  for (const row of place.querySelectorAll(".row.pending")) row.remove();
  const isShown = (/** @type {string} */ id) => document.getElementById(id)?.hidden === false;
  return {
    cid,
    frame,
    facts: { people: {}, target: null, has_older: isShown("older"), has_newer: isShown("newer") },
    version: client.sync.cursor(cid) ?? 0,
    traits: traitsOf(client.store.conversation(cid)),
    at: Date.now(),
  };
}

/** Whether it can be shown with what was missed. @param {Pane} pane @param {Client} client */
export function isGood({ cid, facts, version, traits, at, frame }, client) {
  const now = client.store.conversation(cid);
  if (!now || Date.now() - at > GOOD_FOR_MS || traitsOf(now) !== traits) return false;
  const missed = client.store.changesAfter(cid, version);
  if (missed.length > MISSED_MAX || missed.some((message) => message.kind === "system")) return false;
  // What is unread begins in it.
  const reachesBack = !facts.has_older || seqOf(rowsOf(frame)[0]) <= now.read_seq + 1;
  return now.unread === 0 || (!facts.has_newer && reachesBack);
}

/**
 * The first message that is unread by now. A line that the server drew for what was read meanwhile is taken out.
 *
 * @param {Pane} pane
 * @param {Conversation} now
 * @param {Message[]} missed
 */
export function firstUnread({ frame }, { read_seq: readSeq, unread }, missed) {
  const isCounted = (/** @type {Element} */ row) => !row.matches(".system, .recalled");
  const drawn = rowsOf(frame).filter(isCounted).map(seqOf);
  const recalled = missed.filter((each) => each.recalled_at).map((each) => each.seq);
  const after = [...drawn, ...missed.map((each) => each.seq)].filter((seq) => seq > readSeq && !recalled.includes(seq));
  const first = unread > 0 && after.length > 0 ? Math.min(...after) : null;
  const line = frame.parts[0].querySelector("#unread-line");
  if (line && seqOf(line.nextElementSibling) !== first) line.remove();
  return first;
}

/** @param {Frame} frame */
const rowsOf = ({ parts }) => [...parts[0].querySelectorAll("#timeline > .row[data-mid]")];

/** @param {Element | null | undefined} row */
const seqOf = (row) => Number(row?.getAttribute("data-mid"));
