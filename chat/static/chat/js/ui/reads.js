/**
 * Read is what somebody looked at: a row at least half in view for half a second, in a page that is visible and has
 * the focus. Nothing else marks anything read.
 */

import { isWatched } from "./page.js";
import { seqOf } from "./row_list.js";

const LOOKED_AT_MS = 500;

export class Reads {
  #cid;
  #client;
  #list;
  #scroller;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #isPaused = false;

  /**
   * @param {object} parts
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("./row_list.js").RowList} parts.list
   * @param {import("./scroll_keeper.js").ScrollKeeper} parts.keeper
   * @param {import("./timeline.js").Timeline} parts.timeline
   * @param {HTMLElement} parts.scroller
   * @param {string} parts.cid
   * @param {AbortSignal} parts.signal
   */
  constructor({ client, list, keeper, timeline, scroller, cid, signal }) {
    this.#cid = cid;
    this.#client = client;
    this.#list = list;
    this.#scroller = scroller;
    keeper.on("move", () => this.look());
    timeline.on("changed", () => this.look());
    addEventListener("focus", () => this.look(), { signal });
    document.addEventListener("visibilitychange", () => this.look(), { signal });
    signal.addEventListener("abort", () => {
      this.pause();
      clearTimeout(this.#timer ?? undefined);
    });
    this.look(); // the place where the page opened may have been found before
  }

  /** The user marked this conversation unread: looking at it does not undo that until it is opened again. */
  pause() {
    this.#isPaused = true;
  }

  /** Something moved: in half a second, what is still in view counts as read. */
  look() {
    if (this.#timer !== null || this.#isPaused || !isWatched()) return;
    const { readSeq, lastSeq } = this.#progress();
    const seen = readSeq < lastSeq ? this.#lastInView() : 0;
    if (seen <= readSeq) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!isWatched() || this.#isPaused) return;
      const stillSeen = Math.min(seen, this.#lastInView());
      if (stillSeen > this.#progress().readSeq) this.#client.read(this.#cid, stillSeen);
      this.look();
    }, LOOKED_AT_MS);
  }

  #progress() {
    return this.#client.store.progress(this.#cid);
  }

  /** The newest message of which half, or half a view, can be seen. */
  #lastInView() {
    const view = this.#scroller.getBoundingClientRect();
    if (view.height === 0) return 0;
    const rows = this.#list.rows();
    for (let index = rows.length - 1; index >= 0; index -= 1) {
      const seq = seqOf(rows[index]);
      if (!seq) continue;
      const box = rows[index].getBoundingClientRect();
      if (box.bottom < view.top) return 0;
      const visible = Math.min(box.bottom, view.bottom) - Math.max(box.top, view.top);
      if (visible >= Math.min(box.height, view.height) / 2) return seq;
    }
    return 0;
  }
}
