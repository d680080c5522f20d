import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, Backoff } from "../../chat/static/chat/js/core/backoff.js";

test("each failure doubles the ceiling up to the cap", () => {
  const backoff = new Backoff(() => 1);
  const ceilings = Array.from({ length: 9 }, () => backoff.next());
  assert.deepEqual(ceilings, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(ceilings[0], BACKOFF_BASE_MS);
  assert.equal(ceilings.at(-1), BACKOFF_CAP_MS);
});

test("the wait is drawn from the whole range, down to none", () => {
  const backoff = new Backoff(() => 0);
  assert.equal(backoff.next(), 0);
  const half = new Backoff(() => 0.5);
  half.next();
  assert.equal(half.next(), 500);
});

test("a reset starts from the base again", () => {
  const backoff = new Backoff(() => 1);
  for (let i = 0; i < 5000; i += 1) backoff.next();
  assert.equal(backoff.next(), BACKOFF_CAP_MS);
  backoff.reset();
  assert.equal(backoff.next(), BACKOFF_BASE_MS);
});
