/**
 * Which part of the conversation is in the page, and how the rest gets there: 50 rows at a time, when the reader comes
 * within one and a half screens of an edge.
 *
 * The window is detached when newer messages exist that are not in the page; what arrives then is only counted.
 */

import { Emitter } from "../core/emitter.js";
import { makeUrl } from "./page.js";

const SCREENS_AHEAD = 1.5;
const RETRY_AFTER_MS = 3_000;

/**
 * @typedef {import("./api.js").RowsPage} RowsPage
 * @typedef {"older" | "newer"} Direction
 */

/** @extends {Emitter<{loaded: [elements: HTMLElement[]]}>} */
export class History extends Emitter {
  #api;
  #cid;
  #list;
  #keeper;
  #store;
  #people;
  #links;
  #address;
  /** Ask with these for the next page; null when there is none. @type {Record<Direction, number | null>} */
  #edges;
  /** @type {Record<Direction, number>} when the next attempt may begin; Infinity while one is under way */
  #notBefore = { older: 0, newer: 0 };
  /** Replaced by each jump, so that a page asked for before it is thrown away. */
  #epoch = {};

  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {string} parts.cid
   * @param {import("./row_list.js").RowList} parts.list
   * @param {import("./scroll_keeper.js").ScrollKeeper} parts.keeper
   * @param {import("../core/store.js").Store} parts.store
   * @param {import("./people.js").People} parts.people
   * @param {Record<Direction, HTMLAnchorElement>} parts.links
   * @param {AbortSignal} parts.signal
   * @param {Pick<import("./page.js").Boot, "has_older" | "has_newer" | "urls">} boot
   */
  constructor({ api, cid, list, keeper, store, people, links, signal }, boot) {
    super();
    this.#api = api;
    this.#cid = cid;
    this.#list = list;
    this.#keeper = keeper;
    this.#store = store;
    this.#people = people;
    this.#links = links;
    this.#address = makeUrl(boot.urls.conversation, { cid });
    const { oldest, newest } = list.range();
    this.#edges = { older: boot.has_older ? oldest : null, newer: boot.has_newer ? newest : null };
    for (const direction of /** @type {Direction[]} */ (["older", "newer"])) {
      const load = (/** @type {Event} */ event) => {
        event.preventDefault();
        void this.#load(direction);
      };
      links[direction].addEventListener("click", load, { signal });
    }
    // What is on its way then is for nobody.
    signal.addEventListener("abort", () => (this.#epoch = {}));
  }

  /** The reader is in place: from now on what is near is loaded. */
  watch() {
    this.#keeper.on("move", () => this.#loadWhatIsNear());
    this.#loadWhatIsNear();
  }

  /** Whether newer messages exist that are not in the page. */
  get isDetached() {
    return this.#edges.newer !== null;
  }

  /** Does a message with this number belong into what the page shows? @param {number} seq */
  covers(seq) {
    const { oldest, newest } = this.#list.range();
    return (this.#edges.older === null || seq > oldest) && (!this.isDetached || seq < newest);
  }

  /** Brings the window back to its size, on the side the reader is farther from. */
  trim() {
    if (this.#keeper.isAtEnd) {
      if (this.#list.trimTop()) this.#setEdge("older", this.#list.range().oldest);
    } else if (this.#keeper.distanceToTop < this.#keeper.distanceToEnd) {
      if (this.#list.trimBottom()) this.#setEdge("newer", this.#list.range().newest);
    } else if (this.#list.trimTop()) {
      this.#setEdge("older", this.#list.range().oldest);
    }
  }

  /** Shows the end of the conversation, reading it first if the window is elsewhere. */
  async toLatest() {
    if (this.isDetached) await this.open({ latest: 1 });
    this.#keeper.toEnd();
  }

  /** Reads the same part again: what the page shows may be wrong in a way that no single message tells. */
  async reload() {
    const anchor = this.#keeper.position();
    await this.open(anchor ? { around: Number(anchor.row.dataset.mid) } : { latest: 1 });
    const row = anchor && this.#list.bySeq(Number(anchor.row.dataset.mid));
    if (row) this.#keeper.restore(row, anchor.top);
    else this.#keeper.toEnd();
  }

  /** Makes sure that a message is in the page. @param {number} seq @returns {Promise<HTMLElement | null>} */
  async find(seq) {
    if (!this.#list.bySeq(seq)) await this.open({ around: seq });
    return this.#list.bySeq(seq);
  }

  /**
   * Replaces what is in the page. The reader's place is the caller's to set.
   *
   * @param {Record<string, string | number>} query
   * @returns {Promise<RowsPage | null>} null when it could not be read, or is not wanted any more
   */
  async open(query) {
    const epoch = (this.#epoch = {});
    /** @type {RowsPage} */
    let page;
    try {
      page = await this.#api.rows(this.#cid, query);
    } catch (error) {
      console.warn("History could not be read:", error);
      return null;
    }
    if (epoch !== this.#epoch) return null;
    this.#people.add(page.people);
    this.#keeper.change(() => {
      this.#list.clear();
      this.#list.append(page.elements);
      this.#setEdge("older", page.older);
      this.#setEdge("newer", page.newer ?? this.#missedNewer());
    });
    this.emit("loaded", page.elements);
    return page;
  }

  #loadWhatIsNear() {
    const reach = this.#keeper.viewHeight * SCREENS_AHEAD;
    if (this.#keeper.distanceToTop < reach) void this.#load("older");
    if (this.#keeper.distanceToEnd < reach) void this.#load("newer");
  }

  /** @param {Direction} direction */
  async #load(direction) {
    const edge = this.#edges[direction];
    if (edge === null || Date.now() < this.#notBefore[direction]) return;
    this.#notBefore[direction] = Infinity;
    const epoch = this.#epoch;
    try {
      const page = await this.#api.rows(this.#cid, direction === "older" ? { before: edge } : { after: edge });
      // A jump, or a trim on this side, may have moved the edge meanwhile.
      if (epoch === this.#epoch && edge === this.#edges[direction]) this.#take(direction, page);
      this.#notBefore[direction] = 0;
      this.#loadWhatIsNear();
    } catch (error) {
      console.warn("History could not be read:", error);
      this.#notBefore[direction] = Date.now() + RETRY_AFTER_MS;
    }
  }

  /** @param {Direction} direction @param {RowsPage} page */
  #take(direction, page) {
    this.#people.add(page.people);
    this.#keeper.change(() => {
      if (direction === "older") this.#list.prepend(page.elements);
      else this.#list.append(page.elements);
      // The far side, whatever the reader's place: this side was just asked for.
      if (direction === "older" && this.#list.trimBottom()) this.#setEdge("newer", this.#list.range().newest);
      if (direction === "newer" && this.#list.trimTop()) this.#setEdge("older", this.#list.range().oldest);
      // In here, for the link at the edge has a height, too.
      this.#setEdge(direction, direction === "older" ? page.older : (page.newer ?? this.#missedNewer()));
    });
    this.emit("loaded", page.elements);
  }

  /** What arrived while the last page was on its way was not put into the page; it is asked for next. */
  #missedNewer() {
    const { newest } = this.#list.range();
    return this.#store.progress(this.#cid).lastSeq > newest ? newest : null;
  }

  /** @param {Direction} direction @param {number | null} seq */
  #setEdge(direction, seq) {
    this.#edges[direction] = seq;
    const link = this.#links[direction];
    link.hidden = seq === null;
    if (seq !== null) link.href = `${this.#address}?${direction === "older" ? "before" : "after"}=${seq}`;
  }
}
