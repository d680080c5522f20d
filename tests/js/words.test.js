/** Which form of a sentence is said of how many, in both languages (UX §11: E21). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Words } from "../../chat/static/chat/js/ui/text.js";

const COUNTS = [0, 1, 2, 5];

test("E21: English has a form for one, and one for any other number, none included", () => {
  const words = new Words({ left: { one: "{count} character left", other: "{count} characters left" } }, "en");
  const said = COUNTS.map((count) => words.say("left", { count }));
  assert.deepEqual(said, ["0 characters left", "1 character left", "2 characters left", "5 characters left"]);
});

test("E21: Chinese has one form", () => {
  const words = new Words({ left: { one: "还可输入 {count} 个字符", other: "还可输入 {count} 个字符" } }, "zh-Hans");
  const said = COUNTS.map((count) => words.say("left", { count }));
  assert.deepEqual(said, COUNTS.map((count) => `还可输入 ${count} 个字符`));
});
