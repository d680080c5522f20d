import "./globals.js";
import { Client } from "../../../chat/static/chat/js/core/client.js";
import { memoryStorage } from "../../../chat/static/chat/js/core/outbox_storage.js";
import { FakeClock, settled } from "./fake_clock.js";
import { FakeServer } from "./fake_server.js";

export const CID = "5000000000000000001";

/** A direct conversation with bob, as the server says it. */
export const conversation = (fields = {}) => ({
  conversation: CID,
  kind: "direct",
  title: "Bob",
  last_seq: 0,
  version: 0,
  read_seq: 0,
  unread: 0,
  muted: false,
  pinned: false,
  archived: false,
  role: "member",
  receipts: { alice: [0, 0], bob: [0, 0] },
  ...fields,
});

/** A message of bob's as the server pushes it; its version is its seq unless told otherwise. */
export const message = (seq, fields = {}) => ({
  type: "message",
  conversation: CID,
  seq,
  version: seq,
  id: `m${seq}`,
  sender: "bob",
  receiver: "alice",
  kind: "text",
  content: `message ${seq}`,
  timestamp: 1_700_000_000_000 + seq,
  ...fields,
});

/** alice's client against a fake server. */
export function scenario(options = {}) {
  const clock = options.clock ?? new FakeClock();
  const server = options.server ?? new FakeServer();
  const storage = options.storage ?? memoryStorage();
  const client = new Client({
    url: "wss://chat.example/ws/",
    me: "alice",
    device: { id: "device-1", platform: "web" },
    html: true,
    epoch: "epoch-1",
    cursors: { [CID]: 0 },
    conversations: [conversation()],
    openTransport: server.openTransport,
    clock,
    storage,
    ...options,
  });
  return { clock, server, storage, client };
}

/** The same, logged in. */
export async function live(options = {}) {
  const all = scenario(options);
  await all.client.start();
  await all.server.accept();
  await settled();
  return { ...all, socket: all.server.socket };
}

export { settled };
