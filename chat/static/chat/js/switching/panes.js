/**
 * The conversations that can be shown at once: the last ones that were left, and what was drawn ahead.
 *
 * @typedef {import("./pane.js").Pane} Pane
 */

import { isGood } from "./pane.js";

/** People go back and forth between a few. Each holds at most 320 rows, 1,500 elements: together some megabytes. */
export const PANES_KEPT = 6;

export class Panes {
  #client;
  /** @type {Map<string, Pane>} by conversation, the oldest first */
  #panes = new Map();

  /** @param {import("../core/client.js").Client} client */
  constructor(client) {
    this.#client = client;
    client.store.on("reset", (id) => void this.#panes.delete(id));
    client.store.on("removed", (id) => void this.#panes.delete(id));
  }

  /** @param {string} cid */
  has(cid) {
    const pane = this.#panes.get(cid);
    return pane !== undefined && isGood(pane, this.#client);
  }

  /** @param {Pane} pane */
  put(pane) {
    this.#panes.delete(pane.cid);
    this.#panes.set(pane.cid, pane);
    const [oldest] = this.#panes.keys();
    if (this.#panes.size > PANES_KEPT) this.#panes.delete(oldest);
  }

  /** It goes into the page. @param {string} cid @returns {Pane | null} null when there is none that is still right */
  take(cid) {
    const pane = this.#panes.get(cid);
    this.#panes.delete(cid);
    return pane && isGood(pane, this.#client) ? pane : null;
  }
}
