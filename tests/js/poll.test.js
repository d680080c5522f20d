import assert from "node:assert/strict";
import { test } from "node:test";
import "../../chat/static/chat/js/core/transport_poll.js"; // here already, so that its first use takes no time
import { FakeApi, cut, html, json, refusal } from "./support/fake_api.js";
import { FakeClock } from "./support/fake_clock.js";
import { CID, scenario, settled } from "./support/scenario.js";

/** alice's client where sockets fail, and what it can see of the API. */
function blocked({ poll = {}, ...options } = {}) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const url = "https://chat.example/api/v1/";
  const all = scenario({ clock, poll: { url, fetch: api.fetch, ...poll }, ...options });
  const states = [];
  all.client.on("state", (state) => states.push(state));
  return { ...all, api, states };
}

/** The same after two sockets came to nothing. */
async function polling(options) {
  const all = blocked(options);
  await all.client.start();
  all.server.socket.end(1006);
  await all.clock.advance(500);
  all.server.socket.end(1006);
  await all.clock.advance(0);
  await settled();
  return all;
}

const send = (client, content, fields = { conversation: CID }) => client.sendMessage({ ...fields, content });

const inLog = (client, api) => api.log.map((_, index) => client.store.message(CID, index + 1)?.content);

test("after two sockets that came to nothing it polls, at once, and says so", async () => {
  const { client, server, api, states, clock } = await polling();
  assert.equal(server.sockets.length, 2);
  assert.deepEqual(api.polls[0].body, { cursors: { [CID]: 0 }, wait: 0, html: true });
  assert.equal(client.state, "polling");
  assert.equal(client.connection.via, "poll");
  assert.equal(states.at(-1), "polling");
  await clock.advance(0);
  assert.equal(api.polls[1].body.wait, 25);
  assert.equal(api.held, 1);
});

test("without an address to poll there is only the socket", async () => {
  const { client, server, clock } = scenario();
  await client.start();
  for (const wait of [500, 1000, 2000]) {
    server.socket.end(1006);
    await clock.advance(wait);
  }
  assert.equal(server.sockets.length, 4);
});

test("a server that answers a socket with a no is no reason to poll", async () => {
  const { client, server, api, clock } = blocked();
  await client.start();
  for (const wait of [500, 1000, 2000]) {
    server.socket.end(4001);
    await clock.advance(wait);
  }
  assert.equal(api.requests.length, 0);
});

test("when polling comes to nothing as well, sockets are tried again", async () => {
  const { client, server, api, clock } = blocked();
  api.trouble.set("sync/", cut);
  await client.start();
  for (let round = 1; round <= 3; round += 1) {
    for (let n = 0; n < 2; n += 1) {
      server.socket.end(1006);
      await clock.advance(client.connection.retryAt - clock.now());
    }
    assert.equal(api.polls.length, round);
    assert.equal(client.state, "reconnecting");
    await clock.advance(client.connection.retryAt - clock.now());
    assert.equal(server.sockets.length, 2 * round + 1);
  }
});

test("where the socket is known not to work, polling comes first, and the socket is tried soon", async () => {
  const { client, server, api, clock } = blocked({ poll: { first: true } });
  await client.start();
  await settled();
  assert.equal(client.state, "polling");
  assert.deepEqual([server.sockets.length, api.polls.length > 0], [0, true]);
  await clock.advance(10_000);
  assert.equal(server.sockets.length, 1);
});

test("what others write arrives; what is written goes by REST under its id", async () => {
  const { client, api, clock } = await polling({ token: "secret", poll: { headers: () => ({ "X-CSRFToken": "c" }) } });
  api.say("one");
  await clock.advance(0);
  const item = send(client, "two");
  await settled();
  const [post] = api.of("/messages/");
  assert.deepEqual(post.body, { id: item.id, content: "two" });
  assert.equal(post.headers.Authorization, "Bearer secret");
  assert.equal(post.headers["X-CSRFToken"], "c");
  await clock.advance(1_000);
  api.say("three");
  await clock.advance(1_000);
  assert.deepEqual(inLog(client, api), ["one", "two", "three"]);
  assert.equal(client.outbox.items().length, 0);
  assert.equal(client.sync.cursor(CID), 3);
});

test("an ack that is ahead of the poll costs no question of its own", async () => {
  const { client, api, clock } = await polling();
  await clock.advance(0);
  let answer = () => {};
  api.gate = new Promise((resolve) => (answer = () => resolve(undefined)));
  api.say("not seen yet");
  const item = send(client, "mine");
  await settled();
  assert.equal(client.outbox.get(item.id), null);
  const before = api.polls.length;
  answer();
  await clock.advance(1_000);
  assert.equal(client.sync.cursor(CID), 2);
  assert.equal(api.polls.length - before, 1, "no more than the next one, which is held");
});

test("a message to a person finds the conversation once", async () => {
  const { client, api } = await polling();
  send(client, "one", { receiver: "bob" });
  send(client, "two", { receiver: "bob" });
  await settled();
  assert.deepEqual(api.of("conversations/").map(({ body }) => body), [{ kind: "direct", username: "bob" }]);
  assert.deepEqual(api.log.map(({ content }) => content), ["one", "two"]);
});

test("a refusal is the message's own: it fails, the session lives", async () => {
  const { client, api } = await polling();
  api.trouble.set("/messages/", refusal(403, "muted"));
  const item = send(client, "shout");
  await settled();
  assert.deepEqual([item.state, item.error], ["failed", "muted"]);
  assert.equal(client.state, "polling");
});

test("a send that was cut off goes out again under its id, and is there once", async () => {
  const { client, api, clock } = await polling();
  api.trouble.set("/messages/", (request) => {
    api.ackOf(request.body.id, request.body.content); // it was done; the answer was lost
    api.trouble.clear();
    return cut();
  });
  send(client, "once");
  await clock.advance(2_000);
  assert.equal(client.state, "polling");
  assert.deepEqual(inLog(client, api), ["once"]);
  assert.equal(client.outbox.items().length, 0);
});

test("edits, recalls and reactions go their ways and are answered", async () => {
  const { client, api } = await polling();
  api.say("mine", { sender: "alice" });
  await Promise.all([
    client.edit(CID, 1, "better"),
    client.react(CID, 1, "👍", false),
    client.react(CID, 1, "👍", true),
    client.recall(CID, 1),
  ]);
  const path = `conversations/${CID}/messages/1/`;
  const sent = api.requests.filter((each) => each.path.startsWith(path));
  const emoji = `${path}reactions/${encodeURIComponent("👍")}/`;
  assert.deepEqual(
    sent.map(({ method, path: to }) => [method, to]),
    [["PATCH", path], ["PUT", emoji], ["DELETE", emoji], ["DELETE", path]],
  );
  assert.equal(sent[0].body.content, "better");
});

test("marks are said one after another, the last word of each", async () => {
  const { client, api, clock } = await polling();
  let answer = () => {};
  api.trouble.set("/received/", () => new Promise((resolve) => (answer = () => resolve(json(204, null)))));
  for (let n = 1; n <= 4; n += 1) {
    api.say(`message ${n}`);
    await clock.advance(400);
  }
  client.read(CID, 2);
  await clock.advance(400);
  assert.equal(api.of("/received/").length, 1);
  assert.equal(api.of("/read/").length, 0);
  answer();
  await settled();
  assert.equal(api.of("/received/").at(-1).body.seq, 4);
  answer();
  await settled();
  assert.deepEqual(api.of("/read/").map(({ body }) => body.seq), [2]);
});

test("typing and presence stay unsaid", async () => {
  const { client, api, clock } = await polling();
  await clock.advance(0);
  const before = api.requests.length;
  client.sendTyping(CID);
  client.watchPresence(["bob"]);
  await clock.advance(1_000);
  assert.equal(api.requests.length, before);
});

test("back on the socket as soon as one works: what was under way is sent there, under its id", async () => {
  const { client, server, api, clock, states } = await polling();
  api.trouble.set("/messages/", () => new Promise(() => {}));
  const item = send(client, "in between");
  await clock.advance(1_000);
  states.length = 0;
  client.wake();
  assert.equal(server.sockets.length, 3);
  assert.equal(client.state, "polling", "until the server has answered on it");
  await server.accept();
  await clock.advance(0);
  assert.equal(client.state, "connected");
  assert.equal(client.connection.via, "websocket");
  assert.ok(!states.includes("reconnecting"), "nobody was without a connection");
  const again = server.socket.of("message");
  assert.deepEqual(again.map(({ id }) => id), [item.id]);
  assert.equal(item.tries, 0);
  assert.equal(api.held, 0);
  server.socket.ack(again[0], 1);
  const polls = api.polls.length;
  await clock.advance(3_600_000 / 60);
  assert.equal(api.polls.length, polls);
});

test("a socket on which nothing is answered does not take over", async () => {
  const { client, server, api, clock } = await polling();
  server.answersLogin = false;
  await clock.advance(10_000);
  await server.accept();
  await clock.advance(20_000);
  assert.equal(server.socket.closedBy, 1000);
  assert.equal(client.state, "polling");
  api.say("still here");
  await clock.advance(0);
  assert.deepEqual(inLog(client, api), ["still here"]);
});

test("the socket is tried more and more seldom, and at once on another network", async () => {
  const { client, server, clock } = await polling();
  const refuse = async (ms) => {
    const before = server.sockets.length;
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(1_000);
      if (server.socket.closedBy === null && server.sockets.length > before) server.socket.end(1006);
    }
    return server.sockets.length - before;
  };
  await refuse(600_000);
  const inAnHour = await refuse(3_600_000);
  assert.ok(inAnHour >= 11 && inAnHour <= 13, String(inAnHour));
  const before = server.sockets.length;
  client.wake();
  assert.equal(server.sockets.length, before + 1);
});

test("forty messages from both sides, through both switches: all once, in one order", async () => {
  const { client, server, api, clock } = blocked();
  const acked = [];
  client.outbox.on("sent", ({ draft }) => acked.push(draft.content));
  /** A socket over the same log acknowledges what has come on it since. */
  const answered = new Map();
  const answer = (socket) => {
    let done = answered.get(socket) ?? 0;
    for (; done < socket.of("message").length; done += 1) {
      const { id, content } = socket.of("message")[done];
      answered.set(socket, done + 1);
      socket.push({ type: "ack", ...api.ackOf(id, content) });
    }
  };
  await client.start();
  const first = await server.accept();
  for (let n = 1; n <= 20; n += 1) {
    if (n === 14) api.trouble.set("/messages/", () => new Promise(() => {})); // on its way while the socket comes back
    send(client, `mine ${n}`);
    const seq = api.say(`theirs ${n}`);
    if (n < 7) {
      answer(first);
      first.push({ type: "message", ...api.log[seq - 1] });
    } else if (n === 7) {
      first.end(1006);
      for (let failed = 0; failed < 2; failed += 1) {
        await clock.advance(client.connection.retryAt - clock.now());
        server.socket.end(1006);
      }
    } else if (n === 14) {
      client.wake();
      await server.accept();
    }
    await clock.advance(100);
    if (n >= 14) answer(server.socket);
  }
  client.wake(61_000);
  const { id } = server.socket.of("sync").at(-1);
  server.socket.page(id, { messages: api.log, cursors: { [CID]: api.log.length } });
  const log = api.log.map(({ content }) => content);
  assert.equal(log.length, 40);
  assert.equal(new Set(log).size, 40);
  for (const side of ["mine", "theirs"]) {
    const own = log.filter((content) => content.startsWith(side));
    assert.deepEqual(own, Array.from({ length: 20 }, (_, index) => `${side} ${index + 1}`));
  }
  assert.deepEqual(inLog(client, api), log);
  assert.deepEqual(acked, log.filter((content) => content.startsWith("mine")));
});

for (const [status, code, state] of [
  [401, "not_logged_in", "signed-out"],
  [401, "bad_credentials", "signed-out"],
  [403, "forbidden", "signed-out"],
  [413, "too_large", "stopped"],
  [400, "bad_frame", "stopped"],
]) {
  test(`a poll refused with ${code} ends it: ${state}`, async () => {
    const { client, api, clock } = await polling();
    await clock.advance(0);
    api.trouble.set("sync/", refusal(status, code));
    await clock.advance(25_000);
    const before = api.requests.length;
    assert.equal(client.state, state);
    await clock.advance(600_000);
    assert.equal(api.requests.length, before);
  });
}

test("a send that is refused for want of a sign-in ends the session, not the message", async () => {
  const { client, api } = await polling();
  api.trouble.set("/messages/", refusal(401, "bad_credentials"));
  const item = send(client, "kept");
  await settled();
  assert.equal(client.state, "signed-out");
  assert.equal(item.state, "queued");
});

for (const [what, answer, wait] of [
  ["too many requests", refusal(429, "rate_limited", { retry_after: 20 }), 20_000],
  ["a fault of the server's", refusal(500, "server_error"), 0],
  ["a proxy's page with a time", html(503, { "Retry-After": "30" }), 30_000],
  ["a proxy's page", html(200), 0],
  ["a proxy's refusal", html(403), 0],
]) {
  test(`${what}: the client waits and comes back`, async () => {
    const { client, api, clock } = await polling();
    await clock.advance(0);
    api.trouble.set("sync/", answer);
    await clock.advance(25_000);
    assert.equal(client.state, "reconnecting");
    const left = client.connection.retryAt - clock.now();
    assert.ok(left >= wait && left <= wait + 4_000, String(left));
    api.trouble.clear();
    await clock.advance(left);
    assert.equal(client.state, "polling");
  });
}

test("a poll that nobody answers is given up", async () => {
  const { client, api, clock } = await polling();
  await clock.advance(0);
  api.trouble.set("sync/", (_, signal) => new Promise((_, reject) => signal.addEventListener("abort", reject)));
  await clock.advance(25_000);
  await clock.advance(39_999);
  assert.equal(client.state, "polling");
  await clock.advance(1);
  assert.equal(client.state, "reconnecting");
});

test("a burst comes with few answers", async () => {
  const { client, api, clock } = await polling();
  const before = api.polls.length;
  for (let n = 0; n < 100; n += 1) {
    api.say(`message ${n}`);
    await clock.advance(10);
  }
  await clock.advance(300);
  assert.ok(api.polls.length - before <= 8, String(api.polls.length - before));
  assert.equal(inLog(client, api).filter(Boolean).length, 100);
});

test("a server that holds no polls is not asked without a pause", async () => {
  const { api, clock } = await polling();
  api.holdsPolls = false;
  await clock.advance(600_000);
  const before = api.polls.length;
  await clock.advance(600_000);
  assert.ok(api.polls.length - before <= 20, String(api.polls.length - before));
});

test("a hidden page asks twice a minute, holds nothing, and asks at once when it is seen again", async () => {
  let isHidden = false;
  const { client, api, clock } = await polling({ poll: { isHidden: () => isHidden } });
  isHidden = true;
  await clock.advance(60_000);
  const before = api.polls.length;
  await clock.advance(600_000);
  const asked = api.polls.slice(before);
  assert.ok(asked.length <= 20, String(asked.length));
  assert.ok(asked.every(({ body }) => body.wait === 0));
  isHidden = false;
  const seen = api.polls.length;
  client.wake(600_000);
  await settled();
  assert.ok(api.polls.length > seen);
  await clock.advance(0);
  assert.equal(api.held, 1);
});

test("another epoch while it polls: everything known is void", async () => {
  const { client, api, clock } = await polling();
  api.say("before");
  await clock.advance(1_000);
  const resets = [];
  client.store.on("reset", (id) => resets.push(id));
  api.epoch = "epoch-2";
  api.log[0].content = "restored";
  await clock.advance(30_000);
  assert.deepEqual(resets, [CID]);
  assert.deepEqual(inLog(client, api), ["restored"]);
});

test("polls carry every cursor there is, and none of a conversation that was left", async () => {
  const ids = Array.from({ length: 3_000 }, (_, index) => String(6_000_000_000_000_000_000n + BigInt(index)));
  const cursors = Object.fromEntries(ids.map((id) => [id, 1]));
  const { client, api, clock } = blocked({ cursors: { ...cursors, [CID]: 0 }, poll: { first: true } });
  // The server brings a conversation that is missing in the cursors, as long as it is.
  api.trouble.set("sync/", ({ body }, signal) => {
    const missing = ids.filter((id) => !(id in body.cursors));
    const left = CID in body.cursors ? [{ conversation: CID, left: true }] : [];
    if (missing.length + left.length === 0) return new Promise((_, reject) => signal.addEventListener("abort", reject));
    const page = { conversations: left, messages: [], cursors: Object.fromEntries(missing.map((id) => [id, 1])) };
    return json(200, { ...page, more: false }, { "Im-Epoch": "epoch-1" });
  });
  await client.start();
  await clock.advance(5_000);
  assert.ok(Object.keys(api.polls[0].body.cursors).length < 3_000, "the login is a frame, and has a limit");
  assert.equal(api.polls.length, 2);
  assert.deepEqual(new Set(Object.keys(api.polls[1].body.cursors)), new Set(ids));
});

test("stop ends the poll and arms nothing", async () => {
  const { client, api, clock } = await polling();
  await clock.advance(0);
  assert.equal(api.held, 1);
  client.stop();
  await settled();
  assert.equal(api.held, 0);
  assert.equal(clock.armed, 0);
});
