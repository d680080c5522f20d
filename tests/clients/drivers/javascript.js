// Drives chat/static/chat/js/core, as tests/clients/drivers/README.md says.

import { webcrypto } from "node:crypto";
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Client } from "../../../chat/static/chat/js/core/client.js";
import { FileStore } from "../../../clients/javascript/file_store.js";
import { WebSocket } from "./websocket.js";

// What Node has by itself from 22 on. The modules of the library look for it when it is used, not when they are loaded.
globalThis.WebSocket ??= WebSocket;
globalThis.crypto ??= webcrypto;

const strings = ["url", "http", "token", "user", "device", "store", "codec"];
const { values: options } = parseArgs({
  options: Object.fromEntries(strings.map((name) => [name, { type: "string" }])),
});

const store = new FileStore(options.store);
const client = new Client({
  url: options.url,
  poll: { url: `${options.http}/api/v1/` },
  me: options.user,
  device: { id: options.device, platform: "desktop" },
  token: options.token,
  ...store.known,
  storage: store.outbox,
});
store.follow(client);

/** A line is out when this returns, also when the process is killed next. */
function say(event, fields) {
  let line = Buffer.from(`${JSON.stringify({ event, ...fields })}\n`);
  while (line.length > 0) {
    try {
      line = line.subarray(writeSync(1, line));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // the pipe is full for a moment
    }
  }
}

const STATES = {
  connecting: "connecting",
  updating: "updating",
  connected: "live",
  polling: "live",
  reconnecting: "waiting",
  offline: "waiting",
  "signed-out": "stopped",
  stopped: "stopped",
  idle: "stopped",
};

client.on("state", (state) => {
  const { via, closeCode } = client.connection;
  const hasCode = !["connecting", "updating", "connected", "polling", "idle"].includes(state) && closeCode > 0;
  const isLive = STATES[state] === "live";
  say("state", { state: STATES[state], ...(isLive ? { via } : {}), ...(hasCode ? { code: closeCode } : {}) });
});

const acked = (id, { conversation, seq, version }) => say("acked", { id, conversation, seq, version });

client.store.on("message", ({ type: _type, ...message }) => say("message", message));
client.store.on("conversation", ({ type: _type, ...conversation }) => say("conversation", conversation));
client.store.on("reset", (conversation) => say("reset", { conversation }));
client.store.on("removed", (conversation) => say("removed", { conversation }));
client.store.on("receipt", (_conversation, { type: _type, ...receipt }) => say("receipt", receipt));

/** Sends whose being stored is still to be told. */
const storing = new Set();
client.outbox.on("stored", (id) => storing.delete(id) && say("queued", { id }));
client.outbox.on("sent", ({ id }, ack) => acked(id, ack));
client.outbox.on("logged", ({ id }, message) => acked(id, message));
client.outbox.on("change", ({ id, state, error: code }) => state === "failed" && say("failed", { id, code }));

const answer = (id, request) =>
  request.then(
    (ack) => acked(id, ack),
    ({ code }) => say("failed", { id, code }),
  );

const COMMANDS = {
  send({ id, conversation, receiver, content }) {
    storing.add(id);
    client.sendMessage({ ...(conversation ? { conversation } : { receiver }), content }, id);
  },
  edit: ({ id, conversation, seq, content }) => answer(id, client.edit(conversation, seq, content)),
  recall: ({ id, conversation, seq }) => answer(id, client.recall(conversation, seq)),
  react: ({ id, conversation, seq, emoji, remove = false }) => answer(id, client.react(conversation, seq, emoji, remove)),
  read: ({ conversation, seq }) => client.read(conversation, seq),
  cursors: () => say("cursors", { cursors: client.sync.cursors() }),
  stop,
};

function stop() {
  client.stop();
  store.save();
  // A request that nobody answered would keep the process for its 20 s.
  setImmediate(() => process.exit(0));
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { do: command, ...fields } = JSON.parse(line);
  COMMANDS[command](fields);
});
lines.on("close", stop);
await client.start();
