import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT_MESSAGES, Store } from "../../chat/static/chat/js/core/store.js";
import { CID, conversation, message } from "./support/scenario.js";

function storeWith(fields = {}) {
  const store = new Store("alice");
  store.applyConversation(conversation(fields));
  return store;
}

const unread = (store) => store.conversation(CID).unread;

test("unread is the server's number until something happens", () => {
  assert.equal(unread(storeWith({ last_seq: 50, version: 60, read_seq: 20, unread: 27 })), 27);
});

test("each new message of another counts once, however often it comes", () => {
  const store = storeWith({ last_seq: 5, version: 5, read_seq: 5 });
  store.applyMessage(message(6));
  store.applyMessage(message(7));
  store.applyMessage(message(6));
  store.applyMessage(message(6, { version: 8, content: "edited" }));
  assert.equal(unread(store), 2);
});

test("system messages and recalled ones do not count", () => {
  const store = storeWith();
  store.applyMessage(message(1, { kind: "system" }));
  store.applyMessage(message(2));
  store.applyMessage(message(3));
  store.applyMessage(message(2, { version: 4, content: "", recalled_at: 9 }));
  assert.equal(unread(store), 1);
});

test("a recall of a message that was never seen here takes one off the server's number", () => {
  const store = storeWith({ last_seq: 50, version: 60, read_seq: 20, unread: 27 });
  store.applyMessage(message(30, { version: 61, content: "", recalled_at: 9 }));
  assert.equal(unread(store), 26);
  store.applyMessage(message(10, { version: 62, content: "", recalled_at: 9 })); // was read long ago
  assert.equal(unread(store), 26);
  store.applyMessage(message(31, { version: 55, content: "", recalled_at: 9 })); // is in the number already
  assert.equal(unread(store), 26);
});

test("an own message marks everything before it read", () => {
  const store = storeWith({ last_seq: 5, version: 5, read_seq: 2, unread: 3 });
  store.applyMessage(message(6, { sender: "alice" }));
  assert.equal(unread(store), 0);
  assert.equal(store.conversation(CID).read_seq, 6);
});

test("reading to the end is exact; into the middle as far as the rows are known", () => {
  const store = storeWith({ last_seq: 10, version: 10, read_seq: 4, unread: 5 });
  store.advanceRead(CID, 7);
  assert.deepEqual(store.unread(CID), { count: 3, exact: false });
  const rows = [8, 9, 10].map((seq) => ({ seq, version: seq, kind: seq === 9 ? "system" : "text" }));
  store.noteRows(CID, rows);
  assert.deepEqual(store.unread(CID), { count: 2, exact: true });
  store.advanceRead(CID, 10);
  assert.deepEqual(store.unread(CID), { count: 0, exact: true });
});

test("the read pointer only grows, and not beyond what there is", () => {
  const store = storeWith({ last_seq: 10, version: 10, read_seq: 4, unread: 6 });
  assert.equal(store.advanceRead(CID, 4), false);
  assert.equal(store.advanceRead(CID, 99), true);
  assert.equal(store.conversation(CID).read_seq, 10);
  assert.equal(store.advanceRead(CID, 7), false);
});

test("the explicit way down counts from there", () => {
  const store = storeWith({ last_seq: 3, version: 3, read_seq: 3 });
  store.noteRows(CID, [2, 3].map((seq) => ({ seq, version: seq, kind: "text" })));
  store.lowerRead(CID, 1);
  assert.equal(unread(store), 2);
  store.applyMessage(message(4));
  assert.equal(unread(store), 3);
});

test("what came before joining stays uncounted when everything is known", () => {
  const store = storeWith({ last_seq: 3, version: 3, read_seq: 0, unread: 0 });
  store.noteRows(CID, [1, 2, 3].map((seq) => ({ seq, version: seq, kind: "text" })));
  assert.equal(unread(store), 0);
  store.applyMessage(message(4));
  assert.equal(unread(store), 1);
});

test("every order of the same frames gives the same state", () => {
  const frames = [
    message(6),
    message(7),
    message(6, { version: 8, content: "edited" }),
    message(7, { version: 9, content: "", recalled_at: 1 }),
    message(8, { version: 10 }),
  ];
  const results = new Set();
  for (const order of permutations(frames)) {
    const store = storeWith({ last_seq: 5, version: 5, read_seq: 5 });
    for (const frame of order) store.applyMessage(frame);
    const texts = [6, 7, 8].map((seq) => store.message(CID, seq).content);
    results.add(JSON.stringify([texts, unread(store), store.conversation(CID).last_message.seq]));
  }
  assert.deepEqual([...results], [JSON.stringify([["edited", "", "message 8"], 2, 8])]);
});

test("the preview follows an edit of the last message and no older one", () => {
  const store = storeWith();
  store.applyMessage(message(1));
  store.applyMessage(message(2));
  store.applyMessage(message(1, { version: 3, content: "old, edited" }));
  assert.equal(store.conversation(CID).last_message.content, "message 2");
  store.applyMessage(message(2, { version: 4, content: "last, edited" }));
  assert.equal(store.conversation(CID).last_message.content, "last, edited");
});

test("receipts only grow, and a reader has received", () => {
  const store = storeWith({ last_seq: 9, version: 9 });
  store.applyReceipt({ conversation: CID, user: "bob", received_seq: 5 });
  assert.deepEqual(store.othersReceipts(CID), [[5, 0]]);
  store.applyReceipt({ conversation: CID, user: "bob", read_seq: 7 });
  store.applyReceipt({ conversation: CID, user: "bob", read_seq: 3, received_seq: 4 });
  assert.deepEqual(store.othersReceipts(CID), [[7, 7]]);
  store.applyReceipt({ conversation: CID, user: "alice", read_seq: 9 });
  assert.deepEqual(store.othersReceipts(CID), [[7, 7]], "one's own reading is no receipt");
});

test("memory is bounded: the oldest whole messages go, the count stays right", () => {
  const store = storeWith();
  for (let seq = 1; seq <= 3000; seq += 1) store.applyMessage(message(seq));
  assert.equal(store.message(CID, 3000 - KEPT_MESSAGES), null);
  assert.equal(store.message(CID, 3000).content, "message 3000");
  assert.equal(unread(store), 3000);
});

function* permutations(items) {
  if (items.length === 0) yield [];
  for (let i = 0; i < items.length; i += 1) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [items[i], ...rest];
  }
}
