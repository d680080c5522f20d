/**
 * The rows of one conversation in the page, always in order: messages by seq, then what waits for its ack. Days and
 * groups follow from the neighbours, wherever a row is put in or taken out. Knows nothing of scrolling.
 *
 * @typedef {import("./row.js").RowMaker} RowMaker
 */

/** The window: at most this many rows stay in the page; trimming waits for a few more, so as not to run on each row. */
export const ROWS_KEPT = 300;
export const ROWS_TRIMMED_AT = 320;

/** @param {Element} each */
const isRow = (each) => each.classList.contains("row");
/** @param {HTMLElement} row */
export const seqOf = (row) => Number(row.dataset.mid) || 0;

export class RowList {
  #list;
  #maker;
  #groupGapMs;
  /** @type {Map<number, HTMLElement>} */
  #bySeq = new Map();
  /** @type {Map<string, HTMLElement>} what waits for its ack, by client id, in the order written */
  #pending = new Map();

  /** @param {HTMLElement} list with what the server rendered @param {RowMaker} maker @param {number} groupGapS */
  constructor(list, maker, groupGapS) {
    this.#list = list;
    this.#maker = maker;
    this.#groupGapMs = groupGapS * 1000;
    for (const row of this.rows()) this.#bySeq.set(seqOf(row), row);
  }

  get size() {
    return this.#bySeq.size + this.#pending.size;
  }

  /** @returns {HTMLElement[]} every row, top to bottom */
  rows() {
    return /** @type {HTMLElement[]} */ ([...this.#list.children].filter(isRow));
  }

  /** @param {number} seq */
  bySeq(seq) {
    return this.#bySeq.get(seq) ?? null;
  }

  /** @param {string} clientId of a row that waits for its ack */
  pending(clientId) {
    return this.#pending.get(clientId) ?? null;
  }

  /** The first and the last message in the page. @returns {{oldest: number, newest: number}} zeros when there is none */
  range() {
    const numbered = this.rows().filter((row) => row.dataset.mid);
    if (numbered.length === 0) return { oldest: 0, newest: 0 };
    return { oldest: seqOf(numbered[0]), newest: seqOf(numbered[numbered.length - 1]) };
  }

  /**
   * Puts a message in its place, instead of an older state of it or of the row that waited for its ack.
   *
   * @param {HTMLElement} row
   */
  put(row) {
    const seq = seqOf(row);
    const clientId = row.dataset.clientId ?? "";
    const waiting = row.classList.contains("own") ? this.#pending.get(clientId) : undefined;
    const old = this.#bySeq.get(seq) ?? waiting;
    if (waiting) this.#pending.delete(clientId);
    if (old) {
      replaceKeepingFocus(old, row);
      if (waiting && waiting !== old) waiting.remove();
    }
    this.#bySeq.set(seq, row);
    if (!old || !this.#isInPlace(row, seq)) this.#place(row, seq);
    this.#regroupAround(row);
  }

  /** @param {HTMLElement} row that waits for its ack */
  putPending(row) {
    this.#pending.set(row.dataset.clientId ?? "", row);
    this.#list.append(row);
    this.#regroup(row);
  }

  /** @param {string} clientId */
  removePending(clientId) {
    const row = this.#pending.get(clientId);
    if (!row) return;
    this.#pending.delete(clientId);
    this.#removeRow(row);
  }

  /** Puts a page of older rows, as the server drew them, on top. @param {HTMLElement[]} elements */
  prepend(elements) {
    const below = this.#firstRow();
    this.#list.prepend(...this.#news(elements));
    if (below) this.#regroup(below);
  }

  /** Puts a page of newer rows below the last message. @param {HTMLElement[]} elements */
  append(elements) {
    const news = this.#news(elements);
    const waiting = this.#pending.values().next().value;
    if (waiting) waiting.before(...news);
    else this.#list.append(...news);
    const first = news.find(isRow);
    if (first) this.#regroup(first);
    if (waiting) this.#regroup(waiting);
  }

  clear() {
    this.#list.replaceChildren();
    this.#bySeq.clear();
    this.#pending.clear();
  }

  /** Drops the oldest rows beyond the window. @returns {boolean} whether any went */
  trimTop() {
    const rows = this.rows();
    const first = rows[rows.length - ROWS_KEPT];
    if (rows.length < ROWS_TRIMMED_AT || !first) return false;
    while (this.#list.firstElementChild !== first) this.#drop(/** @type {HTMLElement} */ (this.#list.firstElementChild));
    this.#regroup(first);
    return true;
  }

  /** Drops the newest rows beyond the window, and what waits below them. @returns {boolean} whether any went */
  trimBottom() {
    const rows = this.rows();
    const last = rows[ROWS_KEPT - 1];
    if (rows.length < ROWS_TRIMMED_AT || !last) return false;
    while (this.#list.lastElementChild !== last) this.#drop(/** @type {HTMLElement} */ (this.#list.lastElementChild));
    return true;
  }

  /** Puts a line between two rows, which breaks a group. @param {HTMLElement} line @param {HTMLElement} row */
  putLineBefore(line, row) {
    row.before(line);
    this.#regroup(row);
  }

  /** @param {HTMLElement} line */
  removeLine(line) {
    const below = line.nextElementSibling;
    line.remove();
    if (below && isRow(below)) this.#regroup(/** @type {HTMLElement} */ (below));
  }

  /** Rows that are not here yet, with the lines between them. @param {HTMLElement[]} elements */
  #news(elements) {
    return elements.filter((each) => {
      if (!isRow(each)) return true;
      if (this.#bySeq.has(seqOf(each))) return false;
      this.#bySeq.set(seqOf(each), each);
      return true;
    });
  }

  #firstRow() {
    return /** @type {HTMLElement | undefined} */ ([...this.#list.children].find(isRow));
  }

  /** @param {HTMLElement} row @param {number} seq */
  #isInPlace(row, seq) {
    const before = siblingRow(row, "previousElementSibling");
    const after = siblingRow(row, "nextElementSibling");
    const startsAfter = !before || (before.dataset.mid !== undefined && seqOf(before) < seq);
    return startsAfter && (!after || !after.dataset.mid || seqOf(after) > seq);
  }

  /** @param {HTMLElement} row @param {number} seq */
  #place(row, seq) {
    let before = /** @type {HTMLElement | null} */ (this.#list.lastElementChild);
    while (before && (before === row || !isRow(before) || !before.dataset.mid || seqOf(before) > seq)) {
      before = /** @type {HTMLElement | null} */ (before.previousElementSibling);
    }
    const line = before ? before.nextElementSibling : this.#list.firstElementChild;
    // A message that arrives late from among the unread ones belongs below their line.
    if (line?.id === "unread-line" && seq >= Number(/** @type {HTMLElement} */ (line).dataset.seq)) line.after(row);
    else if (before) before.after(row);
    else this.#list.prepend(row);
  }

  /** @param {HTMLElement} row */
  #removeRow(row) {
    const after = siblingRow(row, "nextElementSibling");
    const line = row.previousElementSibling;
    row.remove();
    if (after) this.#regroup(after);
    else if (line?.classList.contains("day")) line.remove();
  }

  /** @param {HTMLElement} each */
  #drop(each) {
    if (each.dataset.mid) this.#bySeq.delete(seqOf(each));
    else if (each.classList.contains("pending")) this.#pending.delete(each.dataset.clientId ?? "");
    each.remove();
  }

  /** @param {HTMLElement} row */
  #regroupAround(row) {
    this.#regroup(row);
    const after = siblingRow(row, "nextElementSibling");
    if (after) this.#regroup(after);
  }

  /** Gives a row its day line and its place in a group, from what is above it. @param {HTMLElement} row */
  #regroup(row) {
    const above = siblingRow(row, "previousElementSibling");
    const day = this.#maker.dayOf(row);
    const needsDay = !above || this.#maker.dayOf(above) !== day;
    let hasDay = false;
    for (let each = row.previousElementSibling; each && each !== above; ) {
      const line = /** @type {HTMLElement} */ (each);
      each = each.previousElementSibling;
      if (!line.classList.contains("day")) continue;
      if (needsDay && !hasDay && line.dataset.day === day) hasDay = true;
      else line.remove();
    }
    if (needsDay && !hasDay) {
      const line = this.#maker.dayLine(Number(row.dataset.at));
      if (above) above.after(line);
      else this.#list.prepend(line);
    }
    const continues =
      above !== null &&
      row.previousElementSibling === above &&
      !above.classList.contains("system") &&
      above.dataset.sender === row.dataset.sender &&
      !row.querySelector('[data-slot="quote"]:not([hidden])') &&
      Number(row.dataset.at) - Number(above.dataset.at) <= this.#groupGapMs;
    this.#maker.setFirst(row, !continues);
  }
}

/** @param {Element} from @param {"previousElementSibling" | "nextElementSibling"} step @returns {HTMLElement | null} */
function siblingRow(from, step) {
  let each = from[step];
  while (each && !isRow(each)) each = each[step];
  return /** @type {HTMLElement | null} */ (each);
}

/** @param {HTMLElement} old @param {HTMLElement} fresh */
function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const isStop = old.querySelector(".bubble")?.getAttribute("tabindex");
  old.replaceWith(fresh);
  const bubble = /** @type {HTMLElement | null} */ (fresh.querySelector(".bubble"));
  if (isStop) bubble?.setAttribute("tabindex", isStop);
  if (!focused) return;
  const emoji = focused.dataset.emoji;
  const same = emoji && [...fresh.querySelectorAll("[data-emoji]")].find((each) => each.getAttribute("data-emoji") === emoji);
  (/** @type {HTMLElement | null} */ (same || bubble))?.focus({ preventScroll: true });
}
