/**
 * Keeps the list and the open conversation, as they stand in the page, for the time without a network: soon after
 * something changed, and when the page is hidden. Markup and not frames, for the server draws what only it can say.
 */

/** News comes in bursts; a page that dies within this time has lost nothing that the server would not say again. */
const KEPT_AFTER_MS = 1_000;
/** One page of history, as the server gives it. */
export const ROWS_MAX = 50;
/** Of one conversation's rows. Fifty messages have 2 KiB each as a rule, and a long one has up to 40. */
export const ROWS_BYTES_MAX = 256 * 1024;
/** As many as the server puts beside a conversation. */
const LISTED_MAX = 100;

export class Keeper {
  #boot;
  #client;
  #kept;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/current.js").Current} parts.current
   * @param {import("./kept.js").Kept} parts.kept
   */
  constructor({ boot, client, current, kept }) {
    this.#boot = boot;
    this.#client = client;
    this.#kept = kept;
    const { store } = client;
    for (const news of /** @type {const} */ (["conversation", "receipt"])) store.on(news, () => this.#soon());
    store.on("message", (message) => {
      // What was taken back must not stay here because its conversation was not opened since.
      if (message.recalled_at && message.conversation !== openId()) this.#drop(message.conversation);
      this.#soon();
    });
    store.on("removed", (id) => {
      this.#drop(id);
      this.#soon();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#keep());
    current.on("opened", () => this.#soon());
    this.#soon();
  }

  #soon() {
    this.#timer ??= setTimeout(() => this.#keep(), KEPT_AFTER_MS);
  }

  #keep() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#keepList().catch(report);
    this.#keepConversation().catch(report);
  }

  /** @param {string} id */
  #drop(id) {
    this.#kept.dropConversation(id).catch(report);
  }

  async #keepList() {
    if (new URLSearchParams(location.search).has("filter")) return;
    const rows = [...document.querySelectorAll("#conversations > [data-cid]")].slice(0, LISTED_MAX);
    const ids = rows.map((row) => /** @type {HTMLElement} */ (row).dataset.cid ?? "");
    const conversations = ids.map((id) => this.#client.store.conversation(id)).filter((each) => each !== null);
    await this.#kept.putList({
      id: "list",
      at: Date.now(),
      theme: document.documentElement.dataset.theme ?? "system",
      face: document.querySelector(".sidebar .bar .avatar")?.outerHTML ?? "",
      rows: rows.map((row) => row.outerHTML).join(""),
      boot: { ...this.#boot, filter: "", conversation: null, conversations, cursors: this.#client.sync.cursors() },
    });
  }

  async #keepConversation() {
    const id = openId();
    const conversation = id && this.#client.store.conversation(id);
    const timeline = document.getElementById("timeline");
    // Only the end of it: a page further up says nothing of what came last.
    if (!conversation || !timeline || !document.getElementById("newer")?.hidden) return;
    const box = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("message"));
    await this.#kept.putConversation({
      id,
      at: Date.now(),
      title: document.title.replace(/^\(\d+\) /, ""),
      head: document.querySelector(".chat-head")?.outerHTML ?? "",
      rows: endOf(timeline),
      placeholder: box?.placeholder ?? null,
      conversation,
      people: this.#boot.people,
    });
  }
}

/** A full or broken disk takes the time without a network away, and nothing else. @param {unknown} error */
const report = (error) => console.warn("The page could not be kept:", error);

const openId = () => /** @type {HTMLElement | null} */ (document.querySelector("main[data-cid]"))?.dataset.cid ?? "";

/** The last rows of a timeline as markup, under the heading of the day on which they begin. @param {HTMLElement} timeline */
function endOf(timeline) {
  /** @type {string[]} */
  const found = [];
  let count = 0;
  let bytes = 0;
  for (let row = timeline.lastElementChild; row; row = row.previousElementSibling) {
    const isDay = row.matches(".day");
    const isFull = count >= ROWS_MAX || bytes >= ROWS_BYTES_MAX;
    if (isDay || (!isFull && row.matches(".row[data-mid]"))) {
      found.push(row.outerHTML);
      bytes += 2 * row.outerHTML.length; // as IndexedDB stores what is not Latin
      count += isDay ? 0 : 1;
    }
    if (isDay && isFull) break;
  }
  return found.reverse().join("");
}
