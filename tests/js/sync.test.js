import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "./support/fake_server.js";
import { CID, conversation, live, message, scenario } from "./support/scenario.js";

const OTHER = "5000000000000000002";
const contents = (client) => [1, 2, 3, 4, 5].map((seq) => client.store.message(CID, seq)?.content ?? null);

test("pushes in order move the cursor and ask for nothing", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(1), message(2));
  socket.push(message(3));
  await clock.advance(60_000);
  assert.equal(client.sync.cursor(CID), 3);
  assert.equal(socket.of("sync").length, 0);
});

test("a gap is given half a second, then asked for from the cursor", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(1));
  socket.push(message(4));
  assert.deepEqual(contents(client), ["message 1", null, null, "message 4", null], "what came is shown at once");
  await clock.advance(499);
  assert.equal(socket.of("sync").length, 0);
  await clock.advance(1);
  const [sync] = socket.of("sync");
  assert.deepEqual(sync.cursors, { [CID]: 1 });
  assert.equal(client.state, "updating");
  socket.page(sync.id, { messages: [message(2), message(3), message(4)], cursors: { [CID]: 4 } });
  assert.equal(client.sync.cursor(CID), 4);
  assert.equal(client.state, "connected");
  await clock.advance(20_000);
  assert.equal(socket.of("sync").length, 1);
});

test("pushes that only crossed on the way fill the gap themselves", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(2));
  socket.push(message(3));
  await clock.advance(300);
  socket.push(message(1));
  await clock.advance(20_000);
  assert.equal(client.sync.cursor(CID), 3);
  assert.equal(socket.of("sync").length, 0);
  assert.deepEqual(contents(client).slice(0, 3), ["message 1", "message 2", "message 3"]);
});

test("the same push twice is one message and one change", async () => {
  const { client, socket } = await live();
  const seen = [];
  client.store.on("message", (each, isNew) => seen.push([each.seq, isNew]));
  socket.push(message(1), message(1));
  socket.push(message(1));
  assert.deepEqual(seen, [[1, true]]);
  assert.equal(client.sync.cursor(CID), 1);
});

test("an edit is the same seq with a higher version, whatever the order of arrival", async () => {
  const { client, socket } = await live();
  const edited = message(1, { version: 3, content: "edited", edited_at: 5 });
  socket.push(edited);
  socket.push(message(1));
  socket.push(message(2));
  assert.deepEqual(contents(client).slice(0, 2), ["edited", "message 2"]);
  assert.equal(client.sync.cursor(CID), 3);
});

test("an ack of an own message is a version like any other", async () => {
  const { clock, client, socket } = await live();
  client.sendMessage({ conversation: CID, content: "mine" });
  socket.ack(socket.of("message")[0], 1);
  socket.push(message(2));
  await clock.advance(20_000);
  assert.equal(client.sync.cursor(CID), 2);
  assert.equal(socket.of("sync").length, 0);
  assert.equal(client.store.message(CID, 1).content, "mine");
});

test("the ack of an edit alone moves nothing: only the frame that shows it does", async () => {
  const { client, socket } = await live();
  socket.push(message(1, { sender: "alice" }));
  const done = client.edit(CID, 1, "better");
  const [edit] = socket.of("edit");
  socket.ack(edit, 1, 2);
  assert.equal((await done).version, 2);
  assert.equal(client.sync.cursor(CID), 1);
  socket.push(message(1, { sender: "alice", version: 2, content: "better" }));
  assert.equal(client.sync.cursor(CID), 2);
});

test("what was missed while away comes by login, with the cursors of now", async () => {
  const { clock, server, client, socket } = await live();
  socket.push(message(1), message(2));
  socket.end();
  await clock.advance(500);
  server.answersLogin = false;
  const next = await server.accept();
  assert.deepEqual(next.login.cursors, { [CID]: 2 });
  next.acceptLogin();
  next.page(next.login.id, { messages: [message(3)], cursors: { [CID]: 3 }, more: true });
  next.push(message(5)); // live already, ahead of the pages
  next.page(next.login.id, { messages: [message(4)], cursors: { [CID]: 4 } });
  assert.equal(client.sync.cursor(CID), 5);
  assert.deepEqual(contents(client), [1, 2, 3, 4, 5].map((seq) => `message ${seq}`));
  await clock.advance(20_000);
  assert.equal(next.of("sync").length, 0);
});

test("while pages come, a gap is not asked for; after the last one it is", async () => {
  const server = new FakeServer();
  server.answersLogin = false;
  const { clock, socket } = await live({ server });
  socket.acceptLogin();
  socket.push(message(7));
  await clock.advance(5_000);
  assert.equal(socket.of("sync").length, 0);
  socket.page(socket.login.id, { messages: [message(1)], cursors: { [CID]: 1 } });
  await clock.advance(500);
  assert.equal(socket.of("sync").length, 1);
});

test("a question is asked again when nobody answers, or after the time the server names", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(3));
  await clock.advance(500);
  for (let silent = 0; silent < 30_000; silent += 10_000) {
    await clock.advance(10_000);
    socket.push({ type: "heartbeat", timestamp: 1 });
  }
  const [first, second] = socket.of("sync");
  assert.ok(second);
  assert.notEqual(first.id, second.id);
  socket.push({ type: "error", id: second.id, code: "rate_limited", detail: "", retry_after: 2 });
  await clock.advance(2_000);
  const third = socket.of("sync")[2];
  socket.page(third.id, { messages: [message(1), message(2)], cursors: { [CID]: 3 } });
  assert.equal(client.state, "connected");
});

test("a gap that the answer does not close is not asked about for ever", async () => {
  const { clock, socket } = await live();
  socket.push(message(5));
  await clock.advance(500);
  socket.page(socket.of("sync")[0].id, { cursors: { [CID]: 1 } });
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(20_000);
    socket.push({ type: "heartbeat", timestamp: 1 });
  }
  assert.equal(socket.of("sync").length, 1);
});

test("reset drops what was kept and starts from the server's cursor", async () => {
  const { client, socket } = await live();
  const resets = [];
  client.store.on("reset", (id) => resets.push(id));
  socket.push(message(1), message(2));
  client.wake(61_000);
  const [sync] = socket.of("sync");
  socket.page(sync.id, {
    conversations: [conversation({ last_seq: 2000, version: 2400, unread: 12, read_seq: 1988, reset: true })],
    messages: [message(2000, { version: 2400 })],
    cursors: { [CID]: 2400 },
  });
  assert.deepEqual(resets, [CID]);
  assert.equal(client.store.message(CID, 1), null);
  assert.equal(client.store.message(CID, 2000).content, "message 2000");
  assert.equal(client.sync.cursor(CID), 2400);
  assert.equal(client.store.conversation(CID).unread, 12);
});

test("a conversation that was left is forgotten", async () => {
  const { client, socket } = await live();
  const removed = [];
  client.store.on("removed", (id) => removed.push(id));
  socket.push({ type: "conversation", ...conversation({ left: true }) });
  assert.deepEqual(removed, [CID]);
  assert.equal(client.store.conversation(CID), null);
  assert.equal(client.sync.cursor(CID), undefined);
});

test("a message of an unknown conversation is asked for and arrives with its conversation", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(9, { conversation: OTHER, version: 12 }));
  await clock.advance(500);
  const [sync] = socket.of("sync");
  assert.ok(!(OTHER in sync.cursors));
  socket.page(sync.id, {
    conversations: [conversation({ conversation: OTHER, last_seq: 9, version: 12, unread: 1, read_seq: 8 })],
    messages: [message(9, { conversation: OTHER, version: 12 })],
    cursors: { [OTHER]: 12 },
  });
  assert.equal(client.store.message(OTHER, 9).content, "message 9");
  assert.equal(client.store.conversation(OTHER).unread, 1);
});

test("a conversation frame that knows more than we do leads to a question", async () => {
  const { clock, socket } = await live();
  socket.push({ type: "conversation", ...conversation({ last_seq: 3, version: 3, unread: 3 }) });
  await clock.advance(500);
  assert.equal(socket.of("sync").length, 1);
});

test("another epoch voids every cursor", async () => {
  const { clock, server, client, socket } = await live();
  socket.push(message(1), message(2));
  const resets = [];
  client.store.on("reset", (id) => resets.push(id));
  socket.end();
  await clock.advance(500);
  server.epoch = "epoch-2";
  server.answersLogin = false;
  const next = await server.accept();
  next.acceptLogin();
  assert.deepEqual(resets, [CID]);
  const [sync] = next.of("sync");
  assert.deepEqual(sync.cursors, {});
  next.page(next.login.id, { messages: [], cursors: {} });
  assert.equal(client.state, "updating", "the answer to the old cursors does not end it");
  next.page(sync.id, {
    conversations: [conversation({ last_seq: 1, version: 1 })],
    messages: [message(1, { content: "restored" })],
    cursors: { [CID]: 1 },
  });
  assert.equal(client.store.message(CID, 1).content, "restored");
  assert.equal(client.sync.cursor(CID), 1);
  assert.equal(client.state, "connected");
});

test("more cursors than fit into a frame: those that changed longest ago are left out", async () => {
  const cursors = Object.fromEntries(
    Array.from({ length: 4000 }, (_, index) => [String(5_000_000_000_000_000_000n + BigInt(index)), 1_000_000 + index]),
  );
  const { client } = scenario({ cursors });
  const sent = client.sync.cursors();
  assert.ok(JSON.stringify(sent).length <= 48 * 1024);
  assert.ok("5000000000000003999" in sent);
  assert.ok(!(CID in sent), "the oldest one is not");
});
