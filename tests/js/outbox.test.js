import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStorage } from "../../chat/static/chat/js/core/outbox_storage.js";
import { CID, live, message, scenario, settled } from "./support/scenario.js";

const OTHER = "5000000000000000002";
const say = (client, content, to = CID) => client.sendMessage({ conversation: to, content });
const contentsOf = (socket) => socket.of("message").map((frame) => frame.content);

/** A lock as two tabs see it: the one that takes it has it. */
function sharedLock() {
  let holder = null;
  return () => {
    const lock = {
      held: false,
      onChange: () => {},
      request(onChange) {
        lock.onChange = onChange;
        if (!holder) lock.take();
      },
      take() {
        if (holder === lock) return;
        const previous = holder;
        holder = lock;
        if (previous) previous.held = false;
        lock.held = true;
        previous?.onChange();
        lock.onChange();
      },
    };
    return lock;
  };
}

test("a message goes out with an id of its own and is done with its ack", async () => {
  const { client, socket, storage } = await live();
  const changes = [];
  client.outbox.on("change", (item) => changes.push(item.state));
  const item = say(client, "hello");
  const [frame] = socket.of("message");
  assert.deepEqual(frame, { type: "message", id: item.id, conversation: CID, content: "hello" });
  assert.deepEqual(changes, ["queued", "sending"]);
  await settled();
  assert.equal((await storage.all()).length, 1, "it is stored until then");
  socket.ack(frame, 1);
  await settled();
  assert.deepEqual(client.outbox.items(), []);
  assert.deepEqual(await storage.all(), []);
  const { content, sender, seq, version } = client.store.message(CID, 1);
  assert.deepEqual({ content, sender, seq, version }, { content: "hello", sender: "alice", seq: 1, version: 1 });
});

test("it is announced before anything else happens, so it can be painted in the same frame", async () => {
  const { client } = scenario();
  await client.start();
  const seen = [];
  client.outbox.on("change", (item) => seen.push(item.draft.content));
  say(client, "offline");
  assert.deepEqual(seen, ["offline"]);
});

test("written offline, sent in order after the login", async () => {
  const { client, server } = scenario();
  await client.start();
  for (const content of ["one", "two", "three"]) say(client, content);
  const socket = await server.accept();
  for (const [index, content] of ["one", "two", "three"].entries()) {
    assert.equal(socket.of("message").length, index + 1, "one under way at a time");
    const frame = socket.of("message")[index];
    assert.equal(frame.content, content);
    socket.ack(frame, index + 1);
  }
  assert.deepEqual(client.outbox.items(), []);
});

test("conversations do not wait for each other", async () => {
  const { client, socket } = await live();
  say(client, "a1");
  say(client, "a2");
  say(client, "b1", OTHER);
  client.sendMessage({ receiver: "carol", content: "c1" });
  assert.deepEqual(contentsOf(socket), ["a1", "b1", "c1"]);
});

test("what was under way when the connection broke is sent again with the same id", async () => {
  const { clock, client, server, socket } = await live();
  const item = say(client, "hello");
  socket.end();
  assert.equal(client.outbox.get(item.id).state, "queued");
  await clock.advance(500);
  const next = await server.accept();
  assert.equal(next.of("message")[0].id, item.id);
});

test("no ack in ten seconds: another connection, the same id", async () => {
  const { clock, client, server, socket } = await live();
  const item = say(client, "hello");
  await clock.advance(9_999);
  assert.equal(socket.closedBy, null);
  await clock.advance(1);
  assert.notEqual(socket.closedBy, null);
  await clock.advance(0);
  const next = await server.accept();
  assert.deepEqual(next.of("message").map((frame) => frame.id), [item.id]);
  next.ack(next.of("message")[0], 1);
  await clock.advance(60_000);
  assert.equal(next.of("message").length, 1);
});

test("when the ack was lost, the message in the log is proof enough", async () => {
  const { clock, client, server, socket } = await live();
  const item = say(client, "hello");
  socket.end();
  await clock.advance(500);
  server.answersLogin = false;
  const next = await server.accept();
  next.acceptLogin();
  next.page(next.login.id, {
    messages: [message(1, { id: item.id, sender: "alice", content: "hello" })],
    cursors: { [CID]: 1 },
  });
  assert.deepEqual(client.outbox.items(), []);
  next.ack({ id: item.id, conversation: CID }, 1); // that of the resend
  assert.equal(client.store.message(CID, 1).id, item.id);
  assert.equal(client.sync.cursor(CID), 1);
});

test("somebody else's message with our id proves nothing", async () => {
  const { client, socket } = await live();
  const item = say(client, "hello");
  socket.push(message(1, { id: item.id }));
  assert.ok(client.outbox.get(item.id));
});

for (const code of ["muted", "blocked", "not_found", "too_large", "conflict", "forbidden", "a_code_of_the_future"]) {
  test(`a refusal (${code}) is not repeated, says why, and holds up nothing`, async () => {
    const { clock, client, socket, storage } = await live();
    const item = say(client, "refused");
    say(client, "next");
    socket.push({ type: "error", id: item.id, code, detail: "Because." });
    const failed = client.outbox.get(item.id);
    assert.deepEqual([failed.state, failed.error, failed.detail], ["failed", code, "Because."]);
    assert.deepEqual(contentsOf(socket), ["refused", "next"]);
    await clock.advance(5_000);
    assert.deepEqual(contentsOf(socket), ["refused", "next"]);
    const stored = (await storage.all()).find((each) => each.id === item.id);
    assert.equal(stored.state, "failed", "and a reload does not forget it");
  });
}

test("a temporary error is tried again after the wait it names, before anything that was written later", async () => {
  const { clock, client, socket } = await live();
  const item = say(client, "first");
  say(client, "second");
  socket.push({ type: "error", id: item.id, code: "rate_limited", detail: "", retry_after: 3 });
  await clock.advance(2_999);
  assert.deepEqual(contentsOf(socket), ["first"]);
  await clock.advance(501);
  assert.deepEqual(contentsOf(socket), ["first", "first"]);
  socket.ack(socket.of("message")[1], 1);
  assert.deepEqual(contentsOf(socket), ["first", "first", "second"]);
});

test("five tries that come to nothing are enough; Retry begins again with the same id", async () => {
  const { clock, client, socket } = await live();
  const item = say(client, "hello");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    assert.equal(socket.of("message").length, attempt);
    socket.push({ type: "error", id: item.id, code: "server_error", detail: "Oh." });
    await clock.advance(9_000);
  }
  assert.equal(client.outbox.get(item.id).state, "failed");
  assert.equal(client.outbox.get(item.id).error, "gave_up");
  await clock.advance(20_000);
  assert.equal(socket.of("message").length, 5);
  client.outbox.retry(item.id);
  assert.equal(socket.of("message").length, 6);
  assert.equal(socket.of("message")[5].id, item.id);
  socket.ack(socket.of("message")[5], 1);
  assert.deepEqual(client.outbox.items(), []);
});

test("time without a connection is not a failed try", async () => {
  const { clock, client, server } = scenario();
  await client.start();
  const item = say(client, "patient");
  for (let i = 0; i < 20; i += 1) {
    server.socket.end();
    await clock.advance(client.connection.retryAt - clock.now());
  }
  assert.equal(client.outbox.get(item.id).tries, 0);
  const socket = await server.accept();
  assert.deepEqual(contentsOf(socket), ["patient"]);
});

test("a discarded message is gone for good", async () => {
  const { client, server, storage } = scenario();
  await client.start();
  const item = say(client, "never mind");
  client.outbox.discard(item.id);
  const socket = await server.accept();
  await settled();
  assert.deepEqual(contentsOf(socket), []);
  assert.deepEqual(await storage.all(), []);
});

test("what an earlier page left is sent by the next one, in order, before what is new", async () => {
  const storage = memoryStorage();
  const first = scenario({ storage });
  await first.client.start();
  const items = ["one", "two"].map((content) => say(first.client, content));
  await settled();
  const second = scenario({ storage, clock: first.clock });
  await second.client.start();
  assert.deepEqual(second.client.outbox.items().map((item) => item.draft.content), ["one", "two"]);
  say(second.client, "three");
  const socket = await second.server.accept();
  for (let index = 0; index < 3; index += 1) socket.ack(socket.of("message")[index], index + 1);
  assert.deepEqual(contentsOf(socket), ["one", "two", "three"]);
  assert.deepEqual(socket.of("message").slice(0, 2).map((frame) => frame.id), items.map((item) => item.id));
});

test("a page that died while sending leaves the message to be sent again", async () => {
  const storage = memoryStorage();
  const first = await live({ storage });
  const item = say(first.client, "half-way");
  await settled();
  assert.equal(first.client.outbox.get(item.id).state, "sending");
  const second = await live({ storage, clock: first.clock });
  assert.deepEqual(second.socket.of("message").map((frame) => frame.id), [item.id]);
});

test("what lay here for more than a day asks first", async () => {
  const storage = memoryStorage();
  const first = scenario({ storage });
  await first.client.start();
  const item = say(first.client, "Good morning!");
  await settled();
  first.clock.sleep(24 * 3600 * 1000 + 1);
  const second = await live({ storage, clock: first.clock });
  assert.deepEqual(contentsOf(second.socket), []);
  assert.deepEqual([second.client.outbox.get(item.id).state, second.client.outbox.get(item.id).error], ["failed", "stale"]);
  second.client.outbox.retry(item.id);
  assert.deepEqual(contentsOf(second.socket), ["Good morning!"]);
});

test("two tabs: only the one that holds the lock sends, and the one that is written in takes it", async () => {
  const storage = memoryStorage();
  const newLock = sharedLock();
  const a = await live({ storage, lock: newLock() });
  const b = await live({ storage, lock: newLock(), clock: a.clock });
  a.client.outbox.on("stored", () => void b.client.outbox.reload());
  b.client.outbox.on("stored", () => void a.client.outbox.reload());
  say(a.client, "from a");
  await settled();
  assert.deepEqual([contentsOf(a.socket), contentsOf(b.socket)], [["from a"], []]);
  a.socket.ack(a.socket.of("message")[0], 1);
  await settled();
  say(b.client, "from b");
  await settled();
  assert.deepEqual([contentsOf(a.socket), contentsOf(b.socket)], [["from a"], ["from b"]]);
  assert.deepEqual(a.client.outbox.items().map((item) => item.draft.content), ["from b"], "a shows it as waiting");
  b.socket.ack(b.socket.of("message")[0], 2);
  await settled();
  assert.deepEqual(a.client.outbox.items(), [], "and no longer, once b is done");
});

test("a tab that takes over sends what the other had under way first, under the same id", async () => {
  const storage = memoryStorage();
  const newLock = sharedLock();
  const a = await live({ storage, lock: newLock() });
  const b = await live({ storage, lock: newLock(), clock: a.clock });
  const item = say(a.client, "first");
  await a.clock.advance(1);
  say(b.client, "second");
  await settled();
  assert.deepEqual(b.socket.of("message").map((frame) => frame.id), [item.id]);
  b.socket.ack(b.socket.of("message")[0], 1);
  assert.deepEqual(contentsOf(b.socket), ["first", "second"]);
});

test("a storage that fails takes the net away, not the message", async (context) => {
  context.mock.method(console, "warn", () => {});
  const broken = () => Promise.reject(new Error("disk full"));
  const { client, socket } = await live({ storage: { all: broken, put: broken, delete: broken } });
  say(client, "hello");
  assert.deepEqual(contentsOf(socket), ["hello"]);
  socket.ack(socket.of("message")[0], 1);
  await settled();
  assert.deepEqual(client.outbox.items(), []);
});

test("what can be undone is held, nothing of its conversation overtakes it, and it is held on by the next page", async () => {
  const { clock, client, socket, storage } = await live();
  const hold = (content, to = CID) => client.sendMessage({ conversation: to, content }, undefined, 5_000);
  const undone = hold("undone");
  client.outbox.discard(undone.id);
  hold("first");
  await clock.advance(3_000);
  hold("second");
  say(client, "not held, but later");
  say(client, "elsewhere", OTHER);
  assert.deepEqual(contentsOf(socket), ["elsewhere"]);
  const next = scenario({ storage, clock });
  await next.client.start();
  const its = await next.server.accept();
  await clock.advance(1_999);
  assert.deepEqual(contentsOf(its), ["elsewhere"], "a reload does not cut it short");
  await clock.advance(1);
  assert.deepEqual(contentsOf(socket).at(-1), "first");
  socket.ack(socket.of("message").at(-1), 1);
  await clock.advance(2_999);
  assert.deepEqual(contentsOf(socket), ["elsewhere", "first"], "the second has its own time");
  await clock.advance(1);
  socket.ack(socket.of("message").at(-1), 2);
  await settled();
  assert.deepEqual(contentsOf(socket), ["elsewhere", "first", "second", "not held, but later"]);
});
