import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { findEmoji, makeGroups, withTone } from "../../chat/static/chat/js/writing/emoji.js";
import { EmojiHabits } from "../../chat/static/chat/js/writing/emoji_habits.js";
import { mentionsEveryone, namesIn } from "../../chat/static/chat/js/ui/mentioned.js";
import { tokenAt } from "../../chat/static/chat/js/writing/token.js";

/** @param {string} text with the caret at its end, or at the | */
const token = (text) => {
  const caret = text.includes("|") ? text.indexOf("|") : text.length;
  const found = tokenAt(text.replace("|", ""), caret);
  return found && `${found.sign}${found.query}`;
};

test("M25: “@” begins a name after a start, a space, punctuation and Chinese, and nowhere else", () => {
  for (const text of ["@an", "hi @an", "(@an", "hi\n@an", "“@an", "，@an"]) assert.equal(token(text), "@an");
  assert.equal(token("你好@张"), "@张");
  assert.equal(token("かな@an"), "@an");
  assert.equal(token("@"), "@");
  assert.equal(token("@an|na"), "@an");
  for (const text of ["me@an", "a.@an", "é@an", "@an ", "@an na", "an"]) assert.equal(token(text), null);
});

test("M25: “:” begins an emoji with two letters, and never in :) or :-P", () => {
  assert.equal(token("hello :sm"), ":sm");
  assert.equal(token("你好:笑脸"), ":笑脸");
  assert.equal(token("你好：xiao"), ":xiao");
  for (const text of ["hello :)", "hello :-P", ":D", ":s", "12:30", "https://ab", "note:well", "::ab"]) {
    assert.equal(token(text), null, text);
  }
});

test("where a token stands is what is replaced", () => {
  assert.deepEqual(tokenAt("hi @an there", 6), { sign: "@", query: "an", start: 3, end: 6 });
  assert.equal(tokenAt(`@${"a".repeat(40)}`, 41), null);
});

test("mentions: as the server finds them", () => {
  const known = ["anna", "ann", "li.wei", "张三"];
  assert.deepEqual(namesIn("@Anna and @ann", known), ["anna", "ann"]);
  assert.deepEqual(namesIn("你好@张三吃饭", known), ["张三"]);
  assert.deepEqual(namesIn("@li.wei.", known), ["li.wei"]);
  assert.deepEqual(namesIn("@annabel, @bob!", known), ["annabel", "bob"]); // typed out: the server knows them or not
  assert.deepEqual(namesIn("me@anna.org @anna @anna", known), ["anna"]);
  assert.deepEqual(namesIn("nobody", known), []);
  assert.equal(namesIn(Array.from({ length: 150 }, (_, each) => `@u${each}`).join(" "), []).length, 100);
  assert.ok(mentionsEveryone("@all: lunch"));
  assert.ok(mentionsEveryone("你好@all大家"));
  assert.ok(!mentionsEveryone("@allan") && !mentionsEveryone("x@all"));
});

const read = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(new URL(`../../chat/static/chat/emoji/${name}.json`, import.meta.url), "utf8"));
const groups = makeGroups(read("list"), read("en"), read("zh"), "en");

/** @param {string} typed */
const emoji = (typed) => findEmoji(typed, groups, 24).map(({ text }) => text);

test("E10: emoji by English, Chinese and pinyin", () => {
  assert.equal(emoji("thumbs up")[0], "👍");
  assert.equal(emoji("pizza")[0], "🍕");
  assert.ok(emoji("smile").includes("😄"));
  assert.ok(emoji("笑").includes("😂"));
  assert.equal(emoji("披萨")[0] ?? emoji("比萨")[0], "🍕");
  assert.ok(emoji("guzhang").includes("👏"));
  assert.ok(emoji("thumbs_up").includes("👍"));
  assert.deepEqual(emoji("qqqq"), []);
  assert.deepEqual(emoji(""), []);
});

test("E10: names are in the user's language, and there is one for each", () => {
  const chinese = makeGroups(read("list"), read("en"), read("zh"), "zh-hans");
  for (const each of [groups, chinese]) {
    const all = each.flatMap((group) => group.emoji);
    assert.ok(all.length > 1500);
    assert.equal(new Set(all.map(({ text }) => text)).size, all.length);
    assert.ok(all.every(({ name, text }) => name && text));
  }
  assert.equal(chinese[0].emoji[0].name, "嘿嘿");
});

test("E10: a skin tone stands behind the first character", () => {
  const one = (/** @type {string} */ text) => groups.flatMap((group) => group.emoji).find((each) => each.text === text);
  const tone = (/** @type {string} */ text, /** @type {number} */ number) => withTone(/** @type {any} */ (one(text)), number);
  assert.equal(tone("👍", 0), "👍");
  assert.equal(tone("👍", 3), "👍🏽");
  assert.equal(tone("✌️", 1), "✌🏻");
  assert.equal(tone("🧑‍🚀", 5), "🧑🏿‍🚀");
  assert.equal(tone("🍕", 5), "🍕");
});

test("E10: what was chosen last comes first, once, and the tone stays", () => {
  const kept = new Map();
  const storage = /** @type {any} */ ({ getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept) });
  const habits = new EmojiHabits("alice", storage);
  habits.keepTone(2);
  for (const each of ["👍", "🍕", "👍"]) habits.note(each);
  for (let each = 0; each < 30; each += 1) habits.note(String(each));
  habits.note("🍕");
  const { recent, tone } = new EmojiHabits("alice", storage).read();
  assert.deepEqual([recent[0], recent[1], recent.length, tone], ["🍕", "29", 24, 2]);
  assert.deepEqual(new EmojiHabits("bob", storage).read(), { recent: [], tone: 0 });
});
