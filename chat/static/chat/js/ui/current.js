/**
 * Which conversation the page shows: at most one at a time, and what belongs to the one before ends with it.
 *
 * @typedef {import("./conversation.js").Parts} Parts
 * @typedef {Parts & import("./conversation.js").View} View
 */

import { Emitter } from "../core/emitter.js";
import { openConversation } from "./conversation.js";

/** @extends {Emitter<{opened: [view: View | null]}>} `null`: there is none any more, only the list */
export class Current extends Emitter {
  #shared;
  #ending = new AbortController();
  /** @type {View | null} */
  view = null;

  /** @param {Parts} shared */
  constructor(shared) {
    super();
    this.#shared = shared;
  }

  /** To another page of the site; those that this page can make itself it does, once it has learnt how. @param {string} address */
  go = (address) => location.assign(address);

  /** @param {string} id of a conversation */
  is(id) {
    return this.view?.conversation.conversation === id;
  }

  /**
   * The conversation whose rows are in the page comes alive.
   *
   * @param {import("../core/frames.js").Conversation} conversation
   * @param {import("../core/frames.js").Message[]} [missed] what changed since those rows were drawn
   */
  open(conversation, missed = []) {
    this.leave();
    this.#ending = new AbortController();
    this.view = openConversation(conversation, this.#shared, this.#ending.signal, missed);
    performance.mark(`open:${conversation.conversation}`);
    this.emit("opened", this.view);
  }

  /** It is about to be taken out of the page. */
  leave() {
    this.#ending.abort();
    this.view = null;
  }
}
