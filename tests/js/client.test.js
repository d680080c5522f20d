import assert from "node:assert/strict";
import { test } from "node:test";
import { CID, conversation, live, message } from "./support/scenario.js";

test("read drops the number at once and reaches the server at most every 300 ms", async () => {
  const { clock, client, socket } = await live();
  socket.push(...[1, 2, 3, 4].map((seq) => message(seq)));
  client.read(CID, 1);
  assert.equal(client.store.conversation(CID).unread, 3);
  client.read(CID, 2);
  client.read(CID, 4);
  client.read(CID, 3);
  await clock.advance(299);
  const sent = () => socket.of("read").map((frame) => frame.seq);
  assert.ok(sent().length <= 1);
  await clock.advance(301);
  assert.equal(sent().at(-1), 4);
  assert.ok(sent().length <= 2);
  assert.equal(client.store.conversation(CID).unread, 0);
});

test("what others sent is reported as received, own messages are not", async () => {
  const { clock, socket } = await live();
  socket.push(message(1), message(2), message(3, { sender: "alice" }));
  await clock.advance(300);
  assert.equal(socket.of("received").at(-1).seq, 2);
});

test("what came with the page is reported as received, too", async () => {
  const { socket } = await live({ conversations: [conversation({ last_seq: 7, version: 7, read_seq: 5, unread: 2 })] });
  assert.deepEqual(socket.of("received").map((frame) => frame.seq), [7]);
  const nothingNew = await live();
  assert.deepEqual(nothingNew.socket.of("received"), []);
});

test("a read while offline is told after the next login", async () => {
  const { clock, server, client, socket } = await live();
  socket.push(message(1), message(2));
  socket.end();
  client.read(CID, 2);
  assert.equal(client.store.conversation(CID).unread, 0);
  await clock.advance(500);
  const next = await server.accept();
  assert.deepEqual(next.of("read").map((frame) => frame.seq), [2]);
});

test("a read just before the connection broke is told again", async () => {
  const { clock, server, client, socket } = await live();
  socket.push(message(1));
  await clock.advance(1000);
  client.read(CID, 1);
  assert.equal(socket.of("read").length, 1);
  socket.end();
  await clock.advance(500);
  const next = await server.accept();
  assert.deepEqual(next.of("read").map((frame) => frame.seq), [1]);
});

test("an older word of the server's that crossed our read does not bring the badge back", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(1), message(2));
  client.read(CID, 2);
  socket.push({ type: "conversation", ...conversation({ last_seq: 2, version: 2, read_seq: 0, unread: 2 }) });
  assert.equal(client.store.conversation(CID).unread, 0);
  await clock.advance(6_000);
  socket.push({ type: "conversation", ...conversation({ last_seq: 2, version: 2, read_seq: 1, unread: 1 }) });
  assert.equal(client.store.conversation(CID).unread, 1, "later it means that another device marked it unread");
});

test("what another device marked unread is read again when it is looked at again", async () => {
  const { clock, client, socket } = await live();
  socket.push(message(1), message(2));
  client.read(CID, 2);
  await clock.advance(6_000);
  socket.push({ type: "conversation", ...conversation({ last_seq: 2, version: 2, read_seq: 1, unread: 1 }) });
  client.read(CID, 2);
  await clock.advance(1_000);
  assert.deepEqual(socket.of("read").map((frame) => frame.seq), [2, 2]);
  assert.equal(client.store.conversation(CID).unread, 0);
});

test("read on another device drops the number here", async () => {
  const { client, socket } = await live();
  socket.push(message(1), message(2));
  assert.equal(client.store.conversation(CID).unread, 2);
  socket.push({ type: "conversation", ...conversation({ last_seq: 2, version: 2, read_seq: 2, unread: 0 }) });
  assert.equal(client.store.conversation(CID).unread, 0);
});

test("after hundreds of conversations were caught up, receipts trickle within the rate limit", async () => {
  const { clock, client, socket } = await live();
  const ids = Array.from({ length: 100 }, (_, index) => String(6_000_000_000_000_000_000n + BigInt(index)));
  client.wake(61_000);
  const [sync] = socket.of("sync");
  socket.page(sync.id, {
    conversations: ids.map((id) => conversation({ conversation: id, last_seq: 1, version: 1, unread: 1 })),
    messages: ids.map((id) => message(1, { conversation: id })),
    cursors: Object.fromEntries(ids.map((id) => [id, 1])),
  });
  await clock.advance(1000);
  assert.ok(socket.of("received").length <= 30 + 8, String(socket.of("received").length));
  await clock.advance(5000);
  assert.equal(new Set(socket.of("received").map((frame) => frame.conversation)).size, 100);
});

test("an edit under way survives a reconnect, and a refusal names its code", async () => {
  const { clock, server, client, socket } = await live();
  socket.push(message(1, { sender: "alice" }));
  const edited = client.edit(CID, 1, "better");
  socket.end();
  await clock.advance(500);
  const next = await server.accept();
  const [frame] = next.of("edit");
  assert.equal(frame.id, socket.of("edit")[0].id);
  next.ack(frame, 1, 2);
  assert.equal((await edited).version, 2);
  const recalled = client.recall(CID, 1);
  next.push({ type: "error", id: next.of("recall")[0].id, code: "recall_expired", detail: "Too late." });
  await assert.rejects(recalled, { code: "recall_expired", message: "Too late." });
});

test("a command that nobody answers is given up", async () => {
  const { clock, client, socket } = await live();
  const reaction = client.react(CID, 1, "👍", false);
  reaction.catch(() => {});
  await clock.advance(20_000);
  await assert.rejects(reaction, { code: "timeout" });
  assert.equal(socket.of("react").length, 1);
});

test("presence is asked for again after every login", async () => {
  const { clock, server, client, socket } = await live();
  client.watchPresence(["bob"]);
  assert.deepEqual(socket.of("presence")[0].users, ["bob"]);
  const seen = [];
  client.on("presence", (presence) => seen.push(presence.state));
  socket.push({ type: "presence", user: "bob", state: "online", last_seen: null });
  assert.deepEqual(seen, ["online"]);
  socket.end();
  await clock.advance(500);
  const next = await server.accept();
  assert.deepEqual(next.of("presence")[0].users, ["bob"]);
});

test("forty messages from both sides during an absence: all there once, in order", async () => {
  const { clock, server, client, socket } = await live();
  socket.end();
  for (let n = 1; n <= 20; n += 1) client.sendMessage({ conversation: CID, content: `mine ${n}` });
  await clock.advance(500);
  server.answersLogin = false;
  const next = await server.accept();
  next.acceptLogin();
  const theirs = Array.from({ length: 20 }, (_, index) => message(index + 1));
  next.page(next.login.id, { messages: theirs.slice(0, 10), cursors: { [CID]: 10 }, more: true });
  next.page(next.login.id, { messages: theirs.slice(10), cursors: { [CID]: 20 } });
  for (let n = 0; n < 20; n += 1) next.ack(next.of("message")[n], 21 + n);
  const log = Array.from({ length: 40 }, (_, index) => client.store.message(CID, index + 1));
  assert.deepEqual(
    log.map((each) => each.content),
    [...theirs.map((each) => each.content), ...Array.from({ length: 20 }, (_, index) => `mine ${index + 1}`)],
  );
  assert.equal(new Set(log.map((each) => each.id)).size, 40);
  assert.equal(client.sync.cursor(CID), 40);
  assert.equal(client.store.conversation(CID).unread, 0);
});

test("what is larger than a frame may be fails here; sent, it would end the session", async () => {
  const { client, socket } = await live();
  const huge = client.sendMessage({ conversation: CID, content: "长".repeat(30_000) });
  const next = client.sendMessage({ conversation: CID, content: "short" });
  assert.deepEqual([huge.state, huge.error], ["failed", "too_large"]);
  assert.deepEqual(socket.of("message").map(({ id }) => id), [next.id]);
  await assert.rejects(client.edit(CID, 1, "x".repeat(70_000)), { code: "too_large" });
  assert.equal(socket.of("edit").length, 0);
});

test("a push into a conversation that only its cursor is known of is asked for again, with its conversation", async () => {
  const { clock, client, socket } = await live({ conversations: [], cursors: { [CID]: 4 } });
  socket.push(message(5));
  await clock.advance(500);
  const [sync] = socket.of("sync");
  assert.deepEqual(sync.cursors, { [CID]: 4 });
  const known = conversation({ last_seq: 5, version: 5 });
  socket.page(sync.id, { conversations: [known], messages: [message(5)], cursors: { [CID]: 5 } });
  assert.equal(client.store.message(CID, 5).content, "message 5");
  assert.equal(client.sync.cursor(CID), 5);
});

test("a message whose ack was lost is told as logged, with the number it has", async () => {
  const { client, socket } = await live();
  const logged = [];
  client.outbox.on("logged", (item, { seq, version }) => logged.push([item.id, seq, version]));
  const { id } = client.sendMessage({ conversation: CID, content: "mine" });
  socket.push(message(1, { id, sender: "alice", content: "mine" }));
  assert.deepEqual(logged, [[id, 1, 1]]);
});

test("after stop nothing is under way, and what was not answered stays to be sent", async () => {
  const { clock, client, socket } = await live();
  const item = client.sendMessage({ conversation: CID, content: "unanswered" });
  client.stop();
  assert.equal(socket.of("logout").length, 1);
  assert.equal(clock.armed, 0);
  assert.deepEqual([item.state, item.tries], ["queued", 0]);
});
