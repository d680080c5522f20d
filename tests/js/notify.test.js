import assert from "node:assert/strict";
import { test } from "node:test";

import { clockIn, decide, isMention, isQuiet } from "../../chat/static/chat/js/notify/decide.js";
import { Handover } from "../../chat/static/chat/js/notify/handover.js";

const SETTINGS = {
  level: "all",
  hide_text: true,
  sound: true,
  quiet_from: "",
  quiet_to: "",
  keywords: [],
  mentions_only: [],
};
const BOTH = { shows: true, sounds: true };
const NOTHING = { shows: false, sounds: false };

/**
 * A message of Bob's in a group, while Alice looks at nothing of the chat.
 *
 * @param {{settings?: object, message?: object, conversation?: object, situation?: object}} [but]
 */
const decided = ({ settings = {}, message = {}, conversation = {}, situation = {} } = {}) =>
  decide(/** @type {any} */ ({ ...SETTINGS, ...settings }), {
    me: "alice",
    message: /** @type {any} */ ({ conversation: "7", seq: 5, sender: "bob", kind: "text", content: "hello", ...message }),
    conversation: { kind: "group", muted: false, read_seq: 4, ...conversation },
    clock: "12:00",
    attention: "nowhere",
    age_ms: 200,
    .../** @type {any} */ (situation),
  });

/** @type {[string, Parameters<typeof decided>[0], {shows: boolean, sounds: boolean}][]} */
const CASES = [
  ["a new message", {}, BOTH],
  ["one's own", { message: { sender: "alice" } }, NOTHING],
  ["a system line", { message: { kind: "system" } }, NOTHING],
  ["a recalled one", { message: { recalled_at: 1 } }, NOTHING],
  ["a silent one, whomever it mentions", { message: { silent: true, mentions: ["alice"] } }, NOTHING],
  ["one that was read meanwhile", { conversation: { read_seq: 5 } }, NOTHING],
  ["one of long ago, that a page has missed", { situation: { age_ms: 6 * 60_000 } }, NOTHING],
  ["the conversation is looked at", { situation: { attention: "conversation" } }, NOTHING],
  ["another page of the chat is", { situation: { attention: "elsewhere" } }, { shows: false, sounds: true }],
  ["without sound", { settings: { sound: false } }, { shows: true, sounds: false }],
  ["a muted conversation", { conversation: { muted: true } }, NOTHING],
  ["a mention in it", { conversation: { muted: true }, message: { mentions: ["alice"] } }, NOTHING],
  ["nothing wanted", { settings: { level: "none" }, message: { mentions: ["alice"] } }, NOTHING],
  ["mentions wanted, none there", { settings: { level: "mentions" } }, NOTHING],
  ["mentions wanted, and one", { settings: { level: "mentions" }, message: { mentions: ["carol", "alice"] } }, BOTH],
  ["mentions wanted, of somebody else", { settings: { level: "mentions" }, message: { mentions: ["carol"] } }, NOTHING],
  ["mentions wanted, a direct message", { settings: { level: "mentions" }, conversation: { kind: "direct" } }, BOTH],
  ["mentions wanted, a keyword", { settings: { level: "mentions", keywords: ["Hello"] } }, BOTH],
  ["mentions only here", { settings: { mentions_only: ["7"] } }, NOTHING],
  ["mentions only here, and one", { settings: { mentions_only: ["7"] }, message: { mentions: ["alice"] } }, BOTH],
  ["mentions only elsewhere", { settings: { mentions_only: ["8"] } }, BOTH],
  ["in quiet hours", { settings: { quiet_from: "11:00", quiet_to: "13:00" } }, NOTHING],
  ["a mention in quiet hours", { settings: { quiet_from: "11:00", quiet_to: "13:00" }, message: { mentions: ["alice"] } }, NOTHING],
  ["outside of quiet hours", { settings: { quiet_from: "22:00", quiet_to: "07:00" } }, BOTH],
];

for (const [name, but, expected] of CASES) {
  test(`notified of: ${name}`, () => assert.deepEqual({ ...decided(but) }, expected));
}

test("quiet hours: their end is not quiet, and midnight may lie between", () => {
  /** @param {string} from @param {string} to @param {string} clock */
  const quiet = (from, to, clock) => isQuiet(/** @type {any} */ ({ quiet_from: from, quiet_to: to }), clock);
  assert.deepEqual(["08:59", "09:00", "16:59", "17:00"].map((at) => quiet("09:00", "17:00", at)), [false, true, true, false]);
  assert.deepEqual(
    ["21:59", "22:00", "23:59", "00:00", "06:59", "07:00"].map((at) => quiet("22:00", "07:00", at)),
    [false, true, true, true, true, false],
  );
  assert.equal(quiet("", "", "03:00"), false);
});

test("the clock is that of the user's zone, summer time and midnight too", () => {
  assert.equal(clockIn("Asia/Shanghai", Date.UTC(2026, 10, 22, 16, 5)), "00:05");
  assert.equal(clockIn("Europe/Berlin", Date.UTC(2026, 6, 1, 20, 0)), "22:00");
  assert.equal(clockIn("Europe/Berlin", Date.UTC(2026, 11, 1, 20, 0)), "21:00");
});

test("keywords are words where words have spaces, and anywhere in Chinese", () => {
  /** @param {string} keyword @param {string} content */
  const found = (keyword, content) => isMention(/** @type {any} */ ({ keywords: [keyword] }), /** @type {any} */ ({ content }), "alice");
  assert.equal(found("art", "Modern ART!"), true);
  assert.equal(found("art", "start"), false);
  assert.equal(found("art", "start of art"), true);
  assert.equal(found("上海", "我家在上海东边"), true);
  assert.equal(found("c++", "I like C++."), true);
  assert.equal(found("café", "au Café d'ici"), true);
});

test("what came while no tab told anything is told by the next one, and nothing twice", async () => {
  let now = 0;
  const news = (/** @type {number} */ seq) => /** @type {any} */ ({ message: { conversation: "7", seq }, at: now });
  const channels = [new BroadcastChannel("notified"), new BroadcastChannel("notified")];
  const [gone, next] = channels.map((channel) => new Handover(channel, () => now));
  const heard = new Promise((resolve) => {
    let count = 0;
    channels[1].addEventListener("message", () => ++count === 2 && resolve(null));
  });
  next.leave(news(1));
  gone.claim(news(1)); // and after this, its tab is closed
  gone.claim(news(2)); // the next one hears of this before it has it
  await heard;
  next.leave(news(2));
  const third = news(3);
  next.leave(third);
  now = 9_000;
  next.leave(news(4));
  assert.deepEqual(next.take(), [third, news(4)]);
  assert.deepEqual(next.take(), []);
  next.leave(news(5));
  now = 20_000;
  assert.deepEqual(next.take(), [], "too long ago");
  for (let seq = 1; seq <= 500; seq++) next.leave(news(seq));
  assert.equal(next.take().length, 100);
  for (const channel of channels) channel.close();
});
