/**
 * The few things that come by HTTP: rendered rows, and the server's word about a conversation.
 */

import { makeUrl } from "./page.js";

/** Rows asked for one by one are collected for this long: an arriving page of messages makes one request. */
const COLLECT_MS = 50;
/** As many as the server gives at once. */
const SEQS_PER_REQUEST = 50;

/**
 * @typedef {object} RowsPage
 * @property {HTMLElement[]} elements Day lines and rows, in order.
 * @property {number | null} older Ask with this for what is before, or null when there is nothing.
 * @property {number | null} newer
 * @property {Record<string, import("./page.js").Person>} people
 * @property {string} notice What to tell the reader of a day that was asked for.
 * @property {number | null} begins The first message of that day or later.
 */

export class Api {
  #boot;
  /** @type {Map<string, {seqs: Set<number>, done: Promise<RowsPage | null>}>} by conversation */
  #collecting = new Map();

  /** @param {import("./page.js").Boot} boot */
  constructor(boot) {
    this.#boot = boot;
  }

  /**
   * @param {string} conversation
   * @param {Record<string, string | number>} query before, after, around, latest, date or seqs
   * @returns {Promise<RowsPage>}
   */
  async rows(conversation, query) {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const url = `${makeUrl(this.#boot.urls.rows, { cid: conversation })}?${parameters}`;
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
    const list = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("ol");
    if (!list) throw new Error(`No rows at ${url}`);
    return {
      elements: [...list.children].map((child) => /** @type {HTMLElement} */ (document.adoptNode(child))),
      older: Number(list.dataset.older) || null,
      newer: Number(list.dataset.newer) || null,
      people: JSON.parse(list.dataset.people || "{}"),
      notice: list.dataset.notice ?? "",
      begins: Number(list.dataset.begins) || null,
    };
  }

  /**
   * One rendered row. Those asked for within a moment come with one request.
   *
   * @param {string} conversation
   * @param {number} seq
   * @returns {Promise<{row: HTMLElement, people: RowsPage["people"]} | null>} null when it cannot be had
   */
  async row(conversation, seq) {
    const page = await this.#collect(conversation, seq);
    const row = page?.elements.find((each) => each.dataset.mid === String(seq));
    return page && row ? { row, people: page.people } : null;
  }

  /** @param {string} conversation @returns {Promise<import("../core/frames.js").Conversation | null>} */
  conversation(conversation) {
    return this.#json(`${this.#boot.api}conversations/${encodeURIComponent(conversation)}/`);
  }

  /** @param {string} conversation @param {number} seq @returns {Promise<import("../core/frames.js").Message | null>} */
  async message(conversation, seq) {
    const path = `conversations/${encodeURIComponent(conversation)}/messages/`;
    const page = await this.#json(`${this.#boot.api}${path}?after_seq=${seq - 1}&limit=1`);
    const message = page?.results[0];
    return message?.seq === seq ? message : null;
  }

  /** @param {string} url @returns {Promise<any>} */
  async #json(url) {
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // offline: whoever asked can do without
    }
  }

  /** @param {string} conversation @param {number} seq */
  #collect(conversation, seq) {
    const open = this.#collecting.get(conversation);
    if (open && open.seqs.size < SEQS_PER_REQUEST) {
      open.seqs.add(seq);
      return open.done;
    }
    const seqs = new Set([seq]);
    const done = new Promise((resolve) => setTimeout(resolve, COLLECT_MS)).then(() => {
      if (this.#collecting.get(conversation)?.seqs === seqs) this.#collecting.delete(conversation);
      return this.rows(conversation, { seqs: [...seqs].join(",") }).catch(() => null);
    });
    this.#collecting.set(conversation, { seqs, done });
    return done;
  }
}
