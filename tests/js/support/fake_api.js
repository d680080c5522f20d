/**
 * The server's REST API as a client that polls sees it: a log that sends append to, polls that are held until there is
 * something or their time is over, and refusals by request. Its `fetch` is what the client is handed.
 */
import { CID, conversation } from "./scenario.js";

export class FakeApi {
  /** Every request, in order: {method, path, body, headers}. */
  requests = [];
  /** The log of the one conversation; a message's version is its seq. */
  log = [];
  epoch = "epoch-1";
  holdsPolls = true;
  /** Polls are answered when this is kept. */
  gate = Promise.resolve();
  /** Path ending to an answer, or to a function that makes one: what is to go wrong. */
  trouble = new Map();
  #held = new Set();
  #clock;

  constructor(clock) {
    this.#clock = clock;
  }

  fetch = async (url, { method, body, headers, signal }) => {
    const path = url.replace("https://chat.example/api/v1/", "");
    const request = { method, path, body: JSON.parse(body), headers };
    this.requests.push(request);
    for (const [ending, answer] of this.trouble) {
      if (path.endsWith(ending)) return typeof answer === "function" ? answer(request, signal) : answer;
    }
    return path === "sync/" ? this.#sync(request.body, signal) : this.#write(request);
  };

  of(ending, method = "POST") {
    return this.requests.filter((each) => each.path.endsWith(ending) && each.method === method);
  }

  get polls() {
    return this.of("sync/");
  }

  get held() {
    return this.#held.size;
  }

  /** Somebody writes. */
  say(content, fields = {}) {
    const seq = this.log.length + 1;
    const message = { conversation: CID, seq, version: seq, id: `m${seq}`, sender: "bob", kind: "text", content };
    this.log.push({ ...message, timestamp: 1_700_000_000_000 + seq, ...fields });
    for (const release of [...this.#held]) release();
    return seq;
  }

  /** A second answer to the same id is the first one. */
  ackOf(id, content) {
    const known = this.log.find((each) => each.id === id);
    const seq = known?.seq ?? this.say(content, { id, sender: "alice" });
    return { id, conversation: CID, seq, version: seq, timestamp: 1_700_000_000_000 + seq };
  }

  #write({ method, path, body }) {
    if (path === "conversations/") return json(200, conversation());
    if (path.endsWith("/messages/")) return json(201, this.ackOf(body.id, body.content));
    if (path.includes("/messages/")) return json(200, { ...this.ackOf(`m${path.match(/messages\/(\d+)/)[1]}`), id: body.id });
    return method === "POST" ? json(204, null) : json(404, { error: { code: "not_found", detail: path } });
  }

  async #sync({ cursors, wait }, signal) {
    if (wait > 0 && this.holdsPolls && this.#news(cursors).length === 0) await this.#hold(wait * 1000, signal);
    await this.gate;
    const messages = this.#news(cursors);
    const reached = messages.length > 0 ? { [CID]: messages.at(-1).version } : {};
    return json(200, { conversations: [], messages, cursors: reached, more: false }, { "Im-Epoch": this.epoch });
  }

  #news(cursors) {
    return this.log.filter((message) => message.version > (cursors[CID] ?? 0));
  }

  #hold(ms, signal) {
    return new Promise((resolve, reject) => {
      const release = () => {
        this.#clock.clearTimeout(timer);
        this.#held.delete(release);
        resolve();
      };
      const timer = this.#clock.setTimeout(release, ms);
      this.#held.add(release);
      signal.addEventListener("abort", () => {
        release();
        reject(signal.reason);
      });
    });
  }
}

/** An answer as `fetch` gives it. */
export const json = (status, body, headers = {}) => ({
  status,
  headers: new Headers(headers),
  json: async () => body,
});

/** What is not the API's: a proxy's page. */
export const html = (status, headers = {}) => ({
  status,
  headers: new Headers(headers),
  json: async () => JSON.parse("<!doctype html>"),
});

export const refusal = (status, code, fields = {}) => json(status, { error: { code, detail: code, ...fields } });

/** The network is not there. */
export const cut = () => Promise.reject(new TypeError("fetch failed"));
