import assert from "node:assert/strict";
import { test } from "node:test";
import { openLater } from "../../chat/static/chat/js/core/transport_later.js";
import { settled } from "./support/fake_clock.js";

/** A transport that remembers what it was told, and what it told. */
function opened(load) {
  const told = [];
  const events = {
    onOpen: () => told.push("open"),
    onMessage: (payload) => told.push(payload),
    onClose: (code) => told.push(code),
  };
  return { transport: openLater(load)("https://chat.example/", events), told };
}

/** Opens at once, answers what is sent, and notes its end. */
const echo = (closed) => async () => (url, events) => {
  events.onOpen();
  return { send: (payload) => events.onMessage(`${url} ${payload}`), close: (code) => closed.push(code) };
};

test("it is the transport that was loaded", async () => {
  const closed = [];
  const { transport, told } = opened(echo(closed));
  await settled();
  transport.send("hello");
  transport.close(1000);
  assert.deepEqual(told, ["open", "https://chat.example/ hello"]);
  assert.deepEqual(closed, [1000]);
});

test("what cannot be loaded is a connection that never opened", async () => {
  const { told } = opened(async () => {
    throw new TypeError("Failed to fetch dynamically imported module");
  });
  await settled();
  assert.deepEqual(told, [1006]);
});

test("closed before it came, nothing opens and nothing is told", async () => {
  const closed = [];
  const { transport, told } = opened(echo(closed));
  transport.close(1000);
  await settled();
  assert.deepEqual([told, closed], [[], []]);

  const failing = opened(async () => {
    throw new TypeError("Failed to fetch dynamically imported module");
  });
  failing.transport.close(1000);
  await settled();
  assert.deepEqual(failing.told, []);
});
