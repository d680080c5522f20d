/**
 * The filter that only this browser can apply: conversations with something unsent in their message box, and how many.
 */

import { slot } from "../ui/page.js";

export class DraftsFilter {
  #link;
  #drafts;
  #client;
  #api;
  #boot;
  #current;

  /**
   * @param {HTMLElement} link
   * @param {object} parts
   * @param {import("../ui/drafts.js").Drafts} parts.drafts
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/api.js").Api} parts.api
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("../ui/current.js").Current} parts.current
   */
  constructor(link, { drafts, client, api, boot, current }) {
    this.#link = link;
    this.#drafts = drafts;
    this.#client = client;
    this.#api = api;
    this.#boot = boot;
    this.#current = current;
    current.on("opened", () => this.#refresh());
    drafts.onElsewhere(() => this.#refresh());
    this.#refresh();
  }

  #refresh() {
    // What is in the open message box is in plain sight.
    const ids = this.#drafts.ids().filter((id) => !this.#current.is(id));
    const isChosen = this.#boot.filter === "drafts";
    this.#link.hidden = ids.length === 0 && !isChosen;
    const count = slot(this.#link, "count");
    if (count) count.textContent = ids.length > 0 ? String(ids.length) : "";
    if (isChosen) for (const id of ids) void this.#list(id);
  }

  /** The server listed none: it does not know them. @param {string} id */
  async #list(id) {
    if (this.#client.store.has(id)) return;
    const conversation = await this.#api.conversation(id);
    if (conversation) this.#client.store.applyConversation(conversation);
  }
}
