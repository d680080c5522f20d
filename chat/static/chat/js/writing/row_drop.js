/**
 * Files dropped on a row of the list are sent there, after a question that says where.
 */

import { systemClock } from "../core/clock.js";
import { newId } from "../core/ids.js";
import { Departures } from "../files/departures.js";
import { postTo } from "../files/requests.js";
import { Uploads } from "../files/uploads.js";
import { ask } from "../ui/dialog.js";
import { slot } from "../ui/page.js";

/**
 * @param {HTMLElement} place the list
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {import("../core/client.js").Client} parts.client
 * @param {import("../ui/text.js").Words} parts.words
 * @param {import("../ui/alert.js").Alert} parts.alert
 */
export function acceptRowDrops(place, { boot, client, words, alert }) {
  /** @type {Sender | null} */
  let sender = null;
  /** @type {HTMLElement | null} */
  let marked = null;
  const mark = (/** @type {HTMLElement | null} */ row) => {
    marked?.classList.remove("drop");
    row?.classList.add("drop");
    marked = row;
  };
  const rowOf = (/** @type {DragEvent} */ event) =>
    event.dataTransfer?.types.includes("Files")
      ? /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("li[data-cid]"))
      : null;
  place.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    if (row) event.preventDefault();
    if (row !== marked) mark(row);
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(/** @type {Node | null} */ (event.relatedTarget))) mark(null);
  });
  place.addEventListener("drop", async (event) => {
    const row = rowOf(event);
    mark(null);
    if (!row) return;
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])]; // at once: the browser takes its list back
    const most = boot.limits.attachments;
    if (files.length > most) return alert.show(words.say("files_max", { count: most }));
    const name = slot(row, "name")?.textContent ?? "";
    if (files.length === 0 || !(await ask(words.say("drop_ask", { count: files.length, name })))) return;
    sender ??= new Sender({ boot, client, words });
    sender.send(row.dataset.cid ?? "", files);
  });
}

class Sender {
  #boot;
  #client;
  #uploads;
  #departures;

  /** @param {Omit<ConstructorParameters<typeof Departures>[0], "uploads">} parts */
  constructor({ boot, client, words }) {
    this.#boot = boot;
    this.#client = client;
    this.#uploads = new Uploads({ clock: systemClock, post: postTo(boot.api) });
    this.#departures = new Departures({ uploads: this.#uploads, client, words, boot });
    client.on("login", () => this.#uploads.wake());
    addEventListener("online", () => this.#uploads.wake());
    addEventListener("beforeunload", (event) => this.#departures.size > 0 && event.preventDefault());
  }

  /** @param {string} conversation @param {File[]} files */
  send(conversation, files) {
    const uploads = files.map((file) => this.#uploads.add(file, this.#errorOf(file)));
    const attachments = uploads.map(({ id, file: { name, type, size } }) => ({ id, kind: "file", name, type, size, url: "" }));
    const id = newId();
    const waiting = { kind: "file", attachments, uploads: uploads.map((upload) => upload.id) };
    this.#client.sendMessage({ conversation, content: "", ...waiting }, id);
    this.#departures.add(id, uploads, attachments);
  }

  /** @param {File} file what is wrong with it from the start */
  #errorOf({ size }) {
    if (size === 0) return "empty";
    return size > this.#boot.limits.upload_bytes ? "too_large" : undefined;
  }
}
