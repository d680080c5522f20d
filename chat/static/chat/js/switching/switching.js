/**
 * Going from conversation to conversation without loading a page: address, history, focus and title are as if one had
 * been loaded. What cannot be done here the browser does, by loading it.
 *
 * @typedef {import("../ui/current.js").Parts & {current: import("../ui/current.js").Current}} Shared
 * @typedef {import("./addresses.js").Place} Place
 * @typedef {import("./frame.js").Frame} Frame
 * @typedef {import("./pane.js").Pane} Pane
 */

import { rememberListPlace, restoreListPlace } from "../ui/list_place.js";
import { element, makeUrl } from "../ui/page.js";
import { placeOf } from "./addresses.js";
import { currentFrame, exchange } from "./frame.js";
import { watchIntent } from "./intent.js";
import { fetchPane, firstUnread, leavePane } from "./pane.js";
import { Panes } from "./panes.js";
import { inTransition } from "./transition.js";

const ANNOUNCED_MS = 10_000;

export class Switching {
  #shared;
  #panes;
  /** The list alone, if this page began with it. @type {{frame: Frame, path: string} | null} */
  #list = null;
  /** Replaced by each new wish: an answer that comes later than the next click is not shown. */
  #wish = {};
  /** What the server is drawing, for a click or ahead of it. @type {{cid: string, drawn: Promise<Pane>} | null} */
  #drawing = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #forgetting;

  /** @param {Shared} shared */
  constructor(shared) {
    this.#shared = shared;
    this.#panes = new Panes(shared.client);
    if (document.body.dataset.page === "list") this.#list = { frame: currentFrame(), path: location.pathname };
    shared.current.go = (address) => void this.#follow(new URL(address, location.href));
    document.addEventListener("click", (event) => this.#onClick(event));
    addEventListener("popstate", () => void this.#onPopState());
    watchIntent(element("conversations"), (link) => void this.#drawAhead(link));
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const link = /** @type {HTMLElement} */ (event.target).closest?.("a");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || event.defaultPrevented || !isPlain || link.hasAttribute("download")) return;
    const address = new URL(link.href, location.href);
    if (!placeOf(address, this.#shared.boot) && !this.#isList(address)) return;
    event.preventDefault();
    void this.#follow(address);
  }

  /** @param {URL} address */
  async #follow(address) {
    const push = () => address.href !== location.href && history.pushState(null, "", address);
    if (this.#isList(address)) this.#showList(push);
    else if (!(await this.#show(address, push))) location.assign(address);
  }

  /** Back or forward: the address is there already. */
  async #onPopState() {
    const address = new URL(location.href);
    if (this.#isList(address)) this.#showList(() => {});
    else if (!(await this.#show(address, () => {}))) location.reload();
  }

  /** @param {URL} address */
  #isList({ origin, pathname, searchParams }) {
    const filter = searchParams.get("filter") ?? "";
    return origin === location.origin && pathname === this.#list?.path && filter === this.#shared.boot.filter;
  }

  /** @param {URL} address @param {() => void} push @returns {Promise<boolean>} false when a page has to be loaded for it */
  async #show(address, push) {
    const place = placeOf(address, this.#shared.boot);
    if (!place) return false;
    const wish = (this.#wish = {});
    const { view } = this.#shared.current;
    if (view?.conversation.conversation === place.cid) {
      push();
      await moveTo(view, place.seq);
      return true;
    }
    try {
      const kept = place.seq === null ? this.#panes.take(place.cid) : null;
      const pane = kept ?? (await this.#draw(place, address));
      if (wish === this.#wish) inTransition(document.body.dataset.page === "list", () => this.#enter(pane, push));
      else if (place.seq === null) this.#panes.put(pane);
      return true;
    } catch (error) {
      console.warn("The conversation could not be opened in this page:", error);
      return wish !== this.#wish; // by now somebody wants to be elsewhere
    }
  }

  /** @param {Place} place @param {URL} address of a message in it @returns {Promise<Pane>} */
  #draw({ cid, seq }, address) {
    const { boot, client } = this.#shared;
    if (seq !== null) return fetchPane(address.pathname, client);
    if (this.#drawing?.cid === cid) return this.#drawing.drawn;
    // Where the reader was in this tab, unless there is something new.
    const left = JSON.parse(sessionStorage.getItem(`place:${cid}`) ?? "null");
    const isRead = client.store.conversation(cid)?.unread === 0;
    const around = left && isRead ? `?around=${left.seq}` : "";
    const drawing = { cid, drawn: fetchPane(makeUrl(boot.urls.conversation, { cid }) + around, client) };
    this.#drawing = drawing;
    return drawing.drawn.finally(() => {
      if (this.#drawing === drawing) this.#drawing = null;
    });
  }

  /** Somebody is about to open it. @param {HTMLAnchorElement} link */
  async #drawAhead(link) {
    const address = new URL(link.href);
    const place = placeOf(address, this.#shared.boot);
    if (!place || this.#drawing || this.#shared.current.is(place.cid) || this.#panes.has(place.cid)) return;
    const wish = this.#wish;
    const pane = await this.#draw(place, address).catch(() => null);
    if (pane && wish === this.#wish) this.#panes.put(pane); // else it was clicked meanwhile, and whoever asked has it
  }

  /** @param {Pane} pane @param {() => void} push */
  #enter(pane, push) {
    const { boot, client, people, current, conversations } = this.#shared;
    const { cid, facts, frame } = pane;
    const conversation = client.store.conversation(cid);
    if (!conversation) return location.assign(makeUrl(boot.urls.conversation, { cid })); // removed from it a moment ago
    const missed = client.store.changesAfter(cid, pane.version);
    this.#exchange(frame, push);
    people.add(facts.people);
    Object.assign(boot, facts, { conversation, first_unread: firstUnread(pane, conversation, missed) });
    conversations.open(cid, frame.title);
    current.open(conversation, missed);
    this.#tell(element("title"));
    requestAnimationFrame(() => performance.mark(`shown:${cid}`));
  }

  /** @param {() => void} push */
  #showList(push) {
    this.#wish = {};
    const list = this.#list;
    const { boot, conversations, current } = this.#shared;
    if (!list || document.body.dataset.page === "list") return;
    const cid = current.view?.conversation.conversation ?? "";
    inTransition(true, () => {
      this.#exchange(list.frame, push);
      boot.conversation = null;
      conversations.open("", list.frame.title);
      const link = document.querySelector(`#conversations [data-cid="${CSS.escape(cid)}"] a`);
      /** @type {HTMLElement | null} */ (link)?.focus({ preventScroll: true });
      current.emit("opened", null);
    });
  }

  /** @param {Frame} next @param {() => void} push */
  #exchange(next, push) {
    const { boot, current } = this.#shared;
    for (const dialog of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
    rememberListPlace(element("list-scroller"), boot.filter);
    const frame = currentFrame();
    const left = current.view && leavePane(current.view, frame);
    current.leave();
    exchange(frame, next);
    restoreListPlace(element("list-scroller"), boot.filter);
    push();
    if (left) this.#panes.put(left);
  }

  /** Of a page that is loaded a screen reader says the title. @param {HTMLElement} title */
  #tell(title) {
    if (document.activeElement?.id !== "message") {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
      return;
    }
    const announcer = element("announcer");
    const forget = () => announcer.querySelector(".title")?.remove();
    clearTimeout(this.#forgetting);
    forget();
    const line = document.createElement("p");
    line.className = "title";
    line.textContent = title.textContent;
    announcer.append(line);
    this.#forgetting = setTimeout(forget, ANNOUNCED_MS);
  }
}

/** In the open conversation, to a message or to the end. @param {import("../ui/current.js").View} view @param {number | null} seq */
async function moveTo({ history: messages, place, keeper }, seq) {
  if (seq === null) return messages.toLatest();
  const row = await messages.find(seq);
  if (!row) return;
  place.querySelector(".row.target")?.classList.remove("target");
  row.classList.add("target");
  keeper.show(row, 0.5);
}
