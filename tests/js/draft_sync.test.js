import assert from "node:assert/strict";
import { test } from "node:test";

import { DraftSync } from "../../chat/static/chat/js/writing/draft_sync.js";

/** The server's side of it, as chat/services/drafts.py keeps it. */
class Server {
  /** @type {Map<string, {text: string, version: number}>} */
  kept = new Map();
  isAway = false;
  puts = 0;

  requests = {
    list: async () => {
      if (this.isAway) throw new Error("offline");
      return [...this.kept].map(([conversation, draft]) => ({ conversation, reply_to: null, ...draft }));
    },
    put: async (/** @type {any} */ { conversation, text, version }) => {
      if (this.isAway) throw new Error("offline");
      this.puts += 1;
      const now = this.kept.get(conversation);
      if ((now?.version ?? 0) === version) this.kept.set(conversation, { text, version: version + 1 });
      return { conversation, reply_to: null, .../** @type {any} */ (this.kept.get(conversation)) };
    },
  };
}

/** A browser: its drafts (ui/drafts.js), and timers that run when they are told to. */
class Browser {
  texts = new Map();
  storage = new Map();
  /** @type {(() => void)[]} */
  timers = [];
  drafts = {
    onChange: (/** @type {string} */ _conversation) => {},
    read: (/** @type {string} */ id) => (this.texts.has(id) ? { text: this.texts.get(id), replyTo: null } : null),
    ids: () => [...this.texts.keys()],
    replace: (/** @type {string} */ id, /** @type {string} */ text) => (text ? this.texts.set(id, text) : this.texts.delete(id)),
  };

  /** @param {Server} server */
  constructor(server) {
    this.sync = new DraftSync({
      drafts: /** @type {any} */ (this.drafts),
      me: "alice",
      requests: server.requests,
      storage: /** @type {any} */ ({ getItem: (/** @type {string} */ key) => this.storage.get(key) ?? null, setItem: this.storage.set.bind(this.storage) }),
      timers: /** @type {any} */ ({ setTimeout: (/** @type {() => void} */ act) => this.timers.push(act), clearTimeout: (/** @type {number} */ id) => id && (this.timers[id - 1] = () => {}) }),
    });
  }

  /** @param {string} text what is written, sent at once where it is empty */
  async write(text) {
    if (text) this.texts.set("1", text);
    else this.texts.delete("1");
    this.drafts.onChange("1");
    for (const act of this.timers.splice(0)) act();
    await settled();
  }

  get text() {
    return this.texts.get("1") ?? "";
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what was begun on one device is on the other, and gone when it was sent", async () => {
  const server = new Server();
  const [phone, desk] = [new Browser(server), new Browser(server)];
  await phone.write("half");
  await phone.write("half a thought");
  await desk.sync.exchange();
  assert.equal(desk.text, "half a thought");
  await phone.write("");
  await desk.sync.exchange();
  assert.equal(desk.text, "");
  assert.deepEqual(server.kept.get("1"), { text: "", version: 3 });
});

test("what was written here since is never replaced; the last one to write keeps its own", async () => {
  const server = new Server();
  const [phone, desk] = [new Browser(server), new Browser(server)];
  await phone.write("from the phone");
  desk.texts.set("1", "from the desk");
  await desk.sync.exchange();
  assert.equal(desk.text, "from the desk");
  assert.equal(server.kept.get("1")?.text, "from the desk");
  await phone.sync.exchange();
  assert.equal(phone.text, "from the desk"); // the phone had added nothing
  phone.texts.set("1", "from the phone again");
  await desk.write("from the desk, changed");
  await phone.sync.exchange();
  assert.equal(phone.text, "from the phone again");
});

test("without a network nothing is lost, and nothing is sent twice", async () => {
  const server = new Server();
  const [phone, desk] = [new Browser(server), new Browser(server)];
  server.isAway = true;
  await phone.write("in a tunnel");
  await phone.sync.exchange();
  server.isAway = false;
  await phone.sync.exchange();
  await phone.sync.exchange();
  await desk.sync.exchange();
  assert.equal(desk.text, "in a tunnel");
  assert.equal(server.puts, 1);
});

test("a page that goes sends what it has not sent yet, without an answer", async () => {
  const server = new Server();
  const phone = new Browser(server);
  phone.texts.set("1", "half");
  phone.drafts.onChange("1");
  phone.sync.leave();
  await settled();
  assert.equal(server.kept.get("1")?.text, "half");
  // The next page has not heard of that: it finds its own words there, and goes on from them.
  await phone.sync.exchange();
  await phone.write("half a thought");
  assert.deepEqual(server.kept.get("1"), { text: "half a thought", version: 2 });
});

test("what was sent as a message never comes back, however fast the pages went", async () => {
  const server = new Server();
  const phone = new Browser(server);
  phone.texts.set("1", "half a thought");
  phone.drafts.onChange("1");
  phone.sync.leave(); // the answer finds nobody
  phone.texts.delete("1"); // the next page sends it as a message
  await settled();
  await phone.sync.exchange();
  assert.equal(phone.text, "");
  assert.equal(server.kept.get("1")?.text, "");
});
