import assert from "node:assert/strict";
import { test } from "node:test";

import { findNames, prepare } from "../../chat/static/chat/js/list/matching.js";

/** @param {string} name @param {string} pinyin @param {string} username */
const named = (name, pinyin = "", username = "") =>
  prepare({ name, pinyin, username, conversation: "1", avatar: null, initials: "", color: 0, square: false });

const names = [
  named("Book club"),
  named("张三", "zhang san", "sunny"),
  named("曾国藩", "ceng/zeng guo fan", "general"),
  named("Alice Chen", "", "alice"),
  named("李四", "li si", "four"),
  named("西安", "xi an"),
];

/** @param {string} typed */
const found = (typed) => findNames(typed, names, 8).map(({ name }) => name);

test("a name, a word in it, a username", () => {
  assert.deepEqual(found("ali"), ["Alice Chen"]);
  assert.deepEqual(found("CHEN"), ["Alice Chen"]);
  assert.deepEqual(found("@sunny"), ["张三"]);
  assert.deepEqual(found("三"), ["张三"]);
  assert.deepEqual(found("ｂｏｏｋ"), ["Book club"]);
});

test("pinyin: initials, whole, begun, in any reading, from any syllable", () => {
  for (const typed of ["zs", "zhs", "zhangs", "zhangsan", "zhang san", "ZS", "zsan"]) assert.deepEqual(found(typed), ["张三"]);
  for (const typed of ["zgf", "cgf", "zengguofan", "guofan"]) assert.deepEqual(found(typed), ["曾国藩"]);
  assert.deepEqual(found("xian"), ["西安"]);
  assert.deepEqual(found("xi'an"), ["西安"]);
  assert.deepEqual(found("zsx"), []);
  // To try all ways would take years.
  assert.deepEqual(findNames(`${"h".repeat(16)}x`, [named("和".repeat(16), Array(16).fill("he/hu/huo").join(" "))], 1), []);
});

test("the best first, then in their own order; everybody for nothing typed", () => {
  assert.deepEqual(found("s"), ["张三", "李四"]);
  assert.equal(found("").length, names.length);
  assert.deepEqual(findNames("", names, 2).map(({ name }) => name), ["Book club", "张三"]);
});

test("D1: among 2,000 names within 50 ms", (context) => {
  const many = Array.from({ length: 2000 }, (_, number) =>
    named(`王小明 ${number}`, "wang/yu xiao ming/meng", `user${number}`),
  );
  for (const typed of ["w", "wxm", "wangxiaoming", "199"]) {
    // The best of some: other programs want the processor, too.
    const took = [1, 2, 3, 4, 5].map(() => {
      const startedAt = performance.now();
      findNames(typed, many, 8);
      return performance.now() - startedAt;
    });
    const tookMs = Math.min(...took);
    context.diagnostic(`${typed}: ${tookMs.toFixed(2)} ms`);
    assert.ok(tookMs < 50, `${tookMs} ms`);
  }
});
