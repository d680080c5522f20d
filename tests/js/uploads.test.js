import assert from "node:assert/strict";
import { test } from "node:test";
import { SIDE_BY_SIDE, TRIES_MAX, Uploads } from "../../chat/static/chat/js/files/uploads.js";
import { FakeClock, settled } from "./support/fake_clock.js";
import { CID, live, scenario } from "./support/scenario.js";

/** Uploads, and what the server is asked to take. */
function begin(...names) {
  const clock = new FakeClock();
  const posts = [];
  const post = (upload, progress) => {
    const { promise, resolve, reject } = deferred();
    posts.push({ upload, progress, resolve: () => resolve({ id: upload.id }), reject });
    return { done: promise, abort: () => reject({ code: "unreachable" }) };
  };
  const uploads = new Uploads({ clock, post });
  const added = names.map((name) => uploads.add({ name }));
  return { clock, posts, uploads, added, started: () => posts.map(({ upload }) => upload.file.name) };
}

function deferred() {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

test("a few go up side by side, the others after them", async () => {
  const { posts, added, started } = begin("a", "b", "c", "d");
  await settled();
  assert.equal(posts.length, SIDE_BY_SIDE);
  assert.equal(added[3].state, "waiting");
  posts[1].progress(0.5);
  assert.equal(added[1].progress, 0.5);
  posts[1].resolve();
  await settled();
  assert.deepEqual([added[1].state, added[1].attachment], ["ready", { id: added[1].id }]);
  assert.deepEqual(started(), ["a", "b", "c", "d"]);
});

test("a lost network makes them wait, and the same id goes again when it is back", async () => {
  const { posts, uploads, added } = begin("a");
  await settled();
  for (let round = 1; round <= TRIES_MAX + 2; round += 1) {
    posts.at(-1).reject({ code: "unreachable" });
    await settled();
    assert.equal(added[0].state, "waiting", "never given up");
    uploads.wake();
    assert.equal(posts.length, round + 1);
  }
  assert.equal(new Set(posts.map(({ upload }) => upload.id)).size, 1);
});

test("what may pass is tried again by itself, a few times", async () => {
  const { clock, posts, added } = begin("a");
  await settled();
  for (let tries = 1; tries < TRIES_MAX; tries += 1) {
    posts.at(-1).reject({ code: "rate_limited", retry_after: 5 });
    await settled();
    assert.equal(added[0].state, "waiting");
    await clock.advance(4_999);
    assert.equal(posts.length, tries);
    await clock.advance(60_000);
    assert.equal(posts.length, tries + 1);
  }
  posts.at(-1).reject({ code: "server_error" });
  await settled();
  assert.deepEqual([added[0].state, added[0].error], ["failed", "server_error"]);
});

test("a refusal is final until the user asks again", async () => {
  const { clock, posts, uploads, added } = begin("a", "b");
  await settled();
  posts[0].reject({ code: "storage_full" });
  await settled();
  await clock.advance(600_000);
  assert.equal(added[0].state, "failed");
  assert.equal(added[1].state, "uploading", "the others go on");
  uploads.retry(added[0].id);
  assert.deepEqual([added[0].state, added[0].error, posts.length], ["uploading", undefined, 3]);
});

test("what is not wanted any more is ended and makes room", async () => {
  const { posts, uploads, added, started } = begin("a", "b", "c", "d");
  await settled();
  const told = [];
  uploads.on("change", ({ file }) => told.push(file.name));
  uploads.remove(added[0].id);
  await settled();
  assert.deepEqual(started(), ["a", "b", "c", "d"]);
  assert.equal(told.includes("a"), false);
  uploads.remove(added[3].id);
  posts[3].resolve();
  await settled();
  assert.equal(told.filter((name) => name === "d").length, 1, "only that it began");
});

test("what cannot be sent at all is not tried", async () => {
  const { uploads, posts } = begin();
  const upload = uploads.add({ name: "empty" }, "empty");
  await settled();
  assert.deepEqual([upload.state, upload.error, posts.length], ["failed", "empty", 0]);
});

test("a message waits for its files, and what was written after it waits with it", async () => {
  const { client, socket } = await live();
  const first = client.sendMessage({ conversation: CID, content: "look", kind: "file", uploads: ["u1"] });
  const second = client.sendMessage({ conversation: CID, content: "after" });
  assert.deepEqual(socket.of("message"), []);
  const attachments = [{ id: "a1", kind: "image", name: "wall.png", type: "image/png", size: 9, url: "/a1" }];
  const { uploads: _arrived, ...draft } = first.draft;
  client.outbox.settle(first.id, { draft: { ...draft, kind: "image", attachments } });
  const [frame] = socket.of("message");
  assert.deepEqual(frame, {
    type: "message", id: first.id, conversation: CID, content: "look", kind: "image", attachments: ["a1"],
  });
  socket.ack(frame, 1);
  assert.deepEqual(client.store.message(CID, 1).attachments, attachments, "as the page shows them");
  assert.equal(socket.of("message")[1].id, second.id);
});

test("a message whose file cannot be had fails in words and lets others pass", async () => {
  const { client, socket } = await live();
  const first = client.sendMessage({ conversation: CID, content: "look", uploads: ["u1"] });
  client.sendMessage({ conversation: CID, content: "after" });
  client.outbox.settle(first.id, { state: "failed", error: "refused", detail: "Too large." });
  assert.deepEqual(socket.of("message").map(({ content }) => content), ["after"]);
  assert.equal(client.outbox.get(first.id).detail, "Too large.");
});

test("files die with their page: whoever finds the message says so and keeps its words", async () => {
  const { client, storage } = await live();
  client.sendMessage({ conversation: CID, content: "look", uploads: ["u1"], attachments: [{ id: "u1", url: "blob:1" }] });
  await settled();
  const next = scenario({ storage });
  await next.client.start();
  const [found] = next.client.outbox.items();
  assert.deepEqual([found.state, found.error, found.draft.content], ["failed", "files_lost", "look"]);
  assert.equal(found.draft.attachments, undefined);
  await client.outbox.reload();
  assert.equal(client.outbox.items()[0].state, "queued", "the page that has them goes on");
});
