/**
 * What came while no tab told anything: the one that did was closed, and the next one has not noticed yet. Every tab
 * keeps the messages of the last seconds until one says that it has seen to them; whoever takes over sees to the rest.
 *
 * @typedef {object} News
 * @property {import("../core/frames.js").Message} message
 * @property {number} at When it came, Unix ms.
 * @property {import("./decide.js").Settings} settings What held then.
 */

/** Longer than the next tab needs to take over, also where there are no Web Locks (core/drain_lock.js). */
const KEEP_MS = 10_000;
/** More in these seconds is a flood, of which the newest say enough. */
const KEEP_MAX = 100;

export class Handover {
  #channel;
  #now;
  /** @type {Map<string, {news: News | null, until: number}>} null: seen to, maybe before this tab heard of it */
  #recent = new Map();

  /** @param {BroadcastChannel} channel to the user's other tabs @param {() => number} [now] */
  constructor(channel, now = Date.now) {
    this.#now = now;
    this.#channel = channel;
    this.#channel.addEventListener("message", ({ data }) => this.#put(data, null));
  }

  /** This tab leaves it to another one. @param {News} news */
  leave(news) {
    const key = keyOf(news);
    if (!this.#recent.has(key)) this.#put(key, news);
  }

  /** This tab sees to it. @param {News} news */
  claim(news) {
    this.#channel.postMessage(keyOf(news));
  }

  /** What nobody has seen to, oldest first; this tab does now. */
  take() {
    const now = this.#now();
    const left = [...this.#recent.values()].flatMap(({ news, until }) => (news && until > now ? [news] : []));
    this.#recent.clear();
    return left;
  }

  /** @param {string} key @param {News | null} news */
  #put(key, news) {
    const now = this.#now();
    this.#recent.delete(key);
    this.#recent.set(key, { news, until: now + KEEP_MS });
    for (const [old, { until }] of this.#recent) {
      if (until > now && this.#recent.size <= KEEP_MAX) break;
      this.#recent.delete(old);
    }
  }
}

/** @param {News} news */
const keyOf = ({ message: { conversation, seq } }) => `${conversation}/${seq}`;
