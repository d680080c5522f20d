/**
 * Of a long list only the rows near the view are in the page (UX §2.4): a thousand would make every layout of the page
 * slower. All are of one height, so two empty rows stand for those above and below, and nothing moves.
 */

/** A list that is not longer is in the page as a whole. */
const ROWS_MAX = 200;
/** With fewer rows than this left in the direction of a scroll, the window moves. */
const MARGIN = 50;

export class ListWindow {
  #place;
  #scroller;
  /** @type {HTMLElement[]} */
  #rows = [];
  #from = 0;
  #above = gap();
  #below = gap();
  #isQueued = false;

  /** @param {HTMLElement} place the list @param {HTMLElement} scroller what it scrolls in */
  constructor(place, scroller) {
    this.#place = place;
    this.#scroller = scroller;
    scroller.addEventListener("scroll", () => this.#follow(), { passive: true });
  }

  /** @param {HTMLElement[]} rows all of them, in order */
  show(rows) {
    this.#rows = rows;
    this.#from = Math.max(0, Math.min(this.#from, rows.length - ROWS_MAX));
    const near = rows.slice(this.#from, this.#from + ROWS_MAX);
    const isLong = rows.length > ROWS_MAX;
    const height = (isLong && near.find((row) => row.isConnected)?.offsetHeight) || 0;
    this.#above.style.height = `${this.#from * height}px`;
    this.#below.style.height = `${(rows.length - this.#from - near.length) * height}px`;
    const wanted = isLong ? [this.#above, ...near, this.#below] : near;
    const kept = new Set(wanted);
    for (const each of [...this.#place.children]) if (!kept.has(/** @type {HTMLElement} */ (each))) each.remove();
    // Only what is out of place is touched: a row keeps its focus, and an open menu its button.
    let next = this.#place.firstElementChild;
    for (const each of wanted) {
      if (each === next) next = next.nextElementSibling;
      else this.#place.insertBefore(each, next);
    }
  }

  #follow() {
    if (this.#isQueued || this.#rows.length <= ROWS_MAX) return;
    this.#isQueued = true;
    requestAnimationFrame(() => {
      this.#isQueued = false;
      const height = this.#rows[this.#from]?.offsetHeight ?? 0;
      if (height === 0) return; // on a phone, with a conversation in its place
      const hidden = this.#scroller.getBoundingClientRect().top - this.#place.getBoundingClientRect().top;
      const first = Math.floor(hidden / height);
      const last = first + Math.ceil(this.#scroller.clientHeight / height);
      const isNearTop = first - this.#from < MARGIN && this.#from > 0;
      const isNearEnd = this.#from + ROWS_MAX - last < MARGIN && this.#from + ROWS_MAX < this.#rows.length;
      if (!isNearTop && !isNearEnd) return;
      this.#from = Math.max(0, Math.round((first + last - ROWS_MAX) / 2));
      this.show(this.#rows);
    });
  }
}

function gap() {
  const item = document.createElement("li");
  item.setAttribute("role", "presentation");
  return item;
}
