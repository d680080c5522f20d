import assert from "node:assert/strict";
import { test } from "node:test";
import "./support/globals.js";
import { leaseLock, webLock } from "../../chat/static/chat/js/core/drain_lock.js";
import { FakeClock, settled } from "./support/fake_clock.js";

/** The part of the browser's LockManager that is used, with its rules: one holder, a line, and stealing. */
class FakeLocks {
  holder = null;
  line = [];

  request(name, options, callback) {
    return new Promise((resolve, reject) => {
      const entry = { callback, reject };
      options.signal?.addEventListener("abort", () => {
        this.line = this.line.filter((each) => each !== entry);
        reject(new Error("AbortError"));
      });
      if (options.steal) {
        this.holder?.reject(new Error("AbortError"));
        this.#grant(entry);
      } else this.line.push(entry);
      this.#next();
    });
  }

  /** The tab that holds the lock is closed. */
  close() {
    this.holder = null;
    this.#next();
  }

  #next() {
    if (!this.holder && this.line.length > 0) this.#grant(this.line.shift());
  }

  #grant(entry) {
    this.holder = entry;
    queueMicrotask(() => entry.callback());
  }
}

class FakeStorage {
  values = new Map();
  getItem = (key) => this.values.get(key) ?? null;
  setItem = (key, value) => void this.values.set(key, value);
}

test("one tab holds the lock; the next one gets it when that tab is closed", async () => {
  const locks = new FakeLocks();
  const [first, second] = [webLock("outbox", locks), webLock("outbox", locks)];
  for (const lock of [first, second]) lock.request(() => {});
  await settled();
  assert.deepEqual([first.held, second.held], [true, false]);
  locks.close();
  await settled();
  assert.equal(second.held, true);
});

test("taking the lock over tells both, and leaves nobody in the line twice", async () => {
  const locks = new FakeLocks();
  const tabs = [webLock("outbox", locks), webLock("outbox", locks)];
  const changes = [];
  tabs.forEach((lock, index) => lock.request(() => changes.push([index, lock.held])));
  await settled();
  for (let round = 0; round < 5; round += 1) {
    tabs[1].take();
    await settled();
    assert.deepEqual(tabs.map((lock) => lock.held), [false, true]);
    tabs[0].take();
    await settled();
    assert.deepEqual(tabs.map((lock) => lock.held), [true, false]);
  }
  assert.equal(locks.line.length, 1);
  assert.deepEqual(changes.slice(0, 3), [[0, true], [0, false], [1, true]]);
});

test("without Web Locks a lease does the same, and runs out when its tab is gone", async () => {
  const storage = new FakeStorage();
  const [clock, deadClock] = [new FakeClock(), new FakeClock()];
  const dead = leaseLock("outbox", storage, deadClock);
  const alive = leaseLock("outbox", storage, clock);
  dead.request(() => {});
  alive.request(() => {});
  assert.deepEqual([dead.held, alive.held], [true, false]);
  await clock.advance(5_000);
  assert.equal(alive.held, false, "its lease runs still");
  await clock.advance(2_000);
  assert.equal(alive.held, true, "nobody renewed it");
});

test("a lease is renewed as long as its tab lives, and can be taken over", async () => {
  const storage = new FakeStorage();
  const clock = new FakeClock();
  const tabs = [leaseLock("outbox", storage, clock), leaseLock("outbox", storage, clock)];
  for (const lock of tabs) lock.request(() => {});
  await clock.advance(60_000);
  assert.deepEqual(tabs.map((lock) => lock.held), [true, false]);
  tabs[1].take();
  assert.equal(tabs[1].held, true);
  await clock.advance(2_000);
  assert.deepEqual(tabs.map((lock) => lock.held), [false, true]);
});
