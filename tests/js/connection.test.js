import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "./support/fake_server.js";
import { CID, live, scenario, settled } from "./support/scenario.js";

const statesOf = (client) => {
  const states = [];
  client.on("state", (state) => states.push(state));
  return states;
};

test("a login names the device, the cursors, and asks for html and batches", async () => {
  const { server, client } = scenario({ cursors: { [CID]: 7 } });
  const states = statesOf(client);
  await client.start();
  assert.equal(client.state, "connecting");
  const socket = await server.accept();
  const { id, ...login } = socket.login;
  assert.ok(id);
  assert.deepEqual(login, {
    type: "login",
    device: { id: "device-1", platform: "web" },
    html: true,
    batch: true,
    cursors: { [CID]: 7 },
  });
  assert.equal(client.state, "connected");
  assert.deepEqual([...new Set(states)], ["connecting", "updating", "connected"]);
});

test("catching up shows as updating until the last page", async () => {
  const server = new FakeServer();
  server.answersLogin = false;
  const { client, socket } = await live({ server });
  socket.acceptLogin();
  assert.equal(client.state, "updating");
  socket.page(socket.login.id, { more: true });
  assert.equal(client.state, "updating");
  socket.page(socket.login.id);
  assert.equal(client.state, "connected");
});

test("nothing can be sent before the login is answered", async () => {
  const server = new FakeServer();
  server.answersLogin = false;
  const { client, socket } = await live({ server });
  client.sendMessage({ conversation: CID, content: "early" });
  client.sendTyping(CID);
  assert.deepEqual(socket.received.map((frame) => frame.type), ["login"]);
});

test("lost connections are dialled again after growing waits", async () => {
  const { clock, server, client } = scenario();
  await client.start();
  for (const wait of [500, 1000, 2000]) {
    server.socket.end(1006);
    assert.equal(client.state, "reconnecting");
    assert.equal(client.connection.retryAt - clock.now(), wait);
    const before = server.sockets.length;
    await clock.advance(wait - 1);
    assert.equal(server.sockets.length, before);
    await clock.advance(1);
    assert.equal(server.sockets.length, before + 1);
  }
});

test("a minute of health starts the waits from the base again, less does not", async () => {
  const { clock, server, client, socket } = await live();
  socket.end();
  await clock.advance(500);
  await server.accept();
  await clock.advance(20_000);
  server.socket.end();
  assert.equal(client.connection.retryAt - clock.now(), 1000);
  await clock.advance(1000);
  await server.accept();
  for (let i = 0; i < 3; i += 1) {
    await clock.advance(20_000);
    server.socket.push({ type: "heartbeat", timestamp: 1 });
  }
  server.socket.end();
  assert.equal(client.connection.retryAt - clock.now(), 500);
});

test("the server's retry_after is waited for, and a returning page does not cut it short", async () => {
  const { clock, server, client, socket } = await live();
  socket.push({ type: "error", code: "going_away", detail: "", retry_after: 7, close: 4000 });
  socket.end(4000);
  assert.equal(client.connection.retryAt - clock.now(), 7500);
  client.wake();
  assert.equal(server.sockets.length, 1);
  client.connection.retryNow();
  assert.equal(server.sockets.length, 2);
});

test("an error about something else does not delay a later reconnect", async () => {
  const { clock, client, socket } = await live();
  socket.push({ type: "error", code: "rate_limited", detail: "", retry_after: 60 });
  await clock.advance(10_000);
  socket.end(1006);
  assert.equal(client.connection.retryAt - clock.now(), 500);
});

test("the network or the page coming back ends the wait at once", async () => {
  const { clock, server, client, socket } = await live();
  socket.end();
  await clock.advance(100);
  client.wake();
  assert.equal(server.sockets.length, 2);
  assert.equal(client.state, "connecting");
});

test("without a network the state says so, and it is still tried", async () => {
  let online = true;
  const { clock, server, client, socket } = await live({ isOnline: () => online });
  online = false;
  socket.end();
  assert.equal(client.state, "offline");
  await clock.advance(500);
  assert.equal(server.sockets.length, 2);
});

test("when the device loses its network, the open connection is not trusted for another minute", async () => {
  let online = true;
  const { clock, server, client, socket } = await live({ isOnline: () => online });
  online = false;
  client.connection.networkLost();
  assert.notEqual(socket.closedBy, null);
  assert.equal(client.state, "offline");
  await clock.advance(500);
  assert.equal(server.sockets.length, 2, "and is tried again: a server on this machine needs no network");
  await server.accept();
  assert.equal(client.state, "connected");
});

for (const [code, state] of [[4500, "stopped"], [4501, "signed-out"], [4503, "signed-out"], [4513, "stopped"], [4999, "stopped"]]) {
  test(`close code ${code} is final: ${state}`, async () => {
    const { clock, server, client, socket } = await live();
    socket.end(code);
    assert.equal(client.state, state);
    client.wake();
    await clock.advance(3_600_000);
    assert.equal(server.sockets.length, 1);
    client.connection.retryNow();
    assert.equal(server.sockets.length, 2);
  });
}

for (const code of [1000, 1001, 1006, 1011, 1012, 4000, 4001, 4002, 4008, 4029, 4499]) {
  test(`close code ${code} is followed by another try`, async () => {
    const { clock, server, client, socket } = await live();
    socket.end(code);
    assert.equal(client.state, "reconnecting");
    await clock.advance(500);
    assert.equal(server.sockets.length, 2);
  });
}

test("the client beats when it has sent nothing for an interval, and only then", async () => {
  const { clock, client, socket } = await live();
  await clock.advance(29_999);
  assert.equal(socket.of("heartbeat").length, 0);
  await clock.advance(1);
  assert.equal(socket.of("heartbeat").length, 1);
  socket.push({ type: "heartbeat", timestamp: 1 });
  await clock.advance(20_000);
  client.sendTyping(CID);
  await clock.advance(29_999);
  assert.equal(socket.of("heartbeat").length, 1);
  await clock.advance(1);
  assert.equal(socket.of("heartbeat").length, 2);
});

test("three intervals of silence end the connection with 4008", async () => {
  const { clock, server, client, socket } = await live();
  await clock.advance(89_999);
  assert.equal(socket.closedBy, null);
  await clock.advance(1);
  assert.equal(socket.closedBy, 4008);
  assert.equal(client.state, "reconnecting");
  await clock.advance(500);
  assert.equal(server.sockets.length, 2);
});

test("any frame proves life", async () => {
  const { clock, client, socket } = await live();
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(80_000);
    socket.push({ type: "typing", conversation: CID, sender: "bob" });
  }
  assert.equal(client.state, "connected");
  assert.equal(socket.closedBy, null);
});

test("the interval is the one told at login", async () => {
  const server = new FakeServer();
  server.heartbeat = { interval: 1, timeout: 3 };
  const { clock, socket } = await live({ server });
  await clock.advance(2_000);
  assert.equal(socket.of("heartbeat").length, 2);
  await clock.advance(1_000);
  assert.equal(socket.closedBy, 4008);
});

test("after a sleep the dead connection is noticed at the first timer that runs", async () => {
  const { clock, client, socket } = await live();
  clock.sleep(3_600_000);
  await clock.advance(0);
  assert.equal(socket.closedBy, 4008);
  assert.notEqual(client.state, "connected");
});

test("on return a live peer has ten seconds to answer a heartbeat", async () => {
  const { clock, server, client, socket } = await live();
  client.wake();
  client.wake();
  assert.equal(socket.of("heartbeat").length, 1);
  await clock.advance(9_999);
  assert.equal(server.sockets.length, 1);
  await clock.advance(1);
  assert.equal(socket.closedBy, 4008);
  await clock.advance(0);
  assert.equal(server.sockets.length, 2, "and is dialled again at once");
});

test("an answer to the probe keeps the connection", async () => {
  const { clock, server, client, socket } = await live();
  client.wake();
  await clock.advance(3_000);
  socket.push({ type: "heartbeat", timestamp: 1 });
  await clock.advance(20_000);
  assert.equal(server.sockets.length, 1);
  assert.equal(client.state, "connected");
});

test("after more than a minute hidden the client asks for what it missed", async () => {
  const { client, socket } = await live();
  client.wake(59_000);
  assert.equal(socket.of("sync").length, 0);
  client.wake(61_000);
  assert.equal(socket.of("sync").length, 1);
});

test("a handshake or a login without an answer is given up", async () => {
  const server = new FakeServer();
  server.answersLogin = false;
  const { clock, client } = scenario({ server });
  await client.start();
  await clock.advance(9_999);
  assert.equal(client.state, "connecting");
  await clock.advance(1);
  assert.equal(client.state, "reconnecting");
  await clock.advance(500);
  const socket = await server.accept();
  await clock.advance(30_000);
  assert.notEqual(socket.closedBy, null);
});

test("a socket that was let go of is not listened to any more", async () => {
  const { clock, server, client, socket } = await live();
  await clock.advance(90_000);
  await clock.advance(500);
  await server.accept();
  socket.events.onClose(4501, "");
  socket.events.onMessage(JSON.stringify({ type: "message", conversation: CID, seq: 1, version: 1 }));
  assert.equal(client.state, "connected");
});

test("what cannot be decoded ends the connection, is reported, and does not throw", async (context) => {
  const reported = context.mock.method(console, "error", () => {});
  for (const text of ["{", "null", "[1]", '{"no":"type"}']) {
    const { client, socket } = await live();
    socket.pushText(text);
    assert.equal(client.state, "reconnecting", text);
  }
  assert.equal(reported.mock.callCount(), 4);
});

test("frames of an unknown type are ignored", async () => {
  const { client, socket } = await live();
  socket.push({ type: "hologram", id: "x" }, { type: "typing", conversation: CID, sender: "bob" });
  assert.equal(client.state, "connected");
});

test("stop says goodbye and arms nothing", async () => {
  const { clock, server, client, socket } = await live();
  client.stop();
  assert.equal(socket.of("logout").length, 1);
  assert.equal(socket.closedBy, 1000);
  assert.equal(client.state, "idle");
  await clock.advance(3_600_000);
  assert.equal(server.sockets.length, 1);
  await client.start();
  await settled();
  assert.equal(server.sockets.length, 2);
});
