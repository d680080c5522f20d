/**
 * Messages in the outbox whose files are still on their way: each goes as soon as its files are there, and its row says
 * how far they are.
 *
 * @typedef {import("./uploads.js").Upload} Upload
 * @typedef {import("../core/frames.js").Attachment} Attachment
 */

import { sizeText } from "../ui/file_text.js";
import { fill, slot } from "../ui/page.js";
import { describe, discard } from "./requests.js";

/** The picture that the server made of a file has taken its place in the row by then. */
const LOCAL_PICTURES_KEPT_MS = 10_000;

/** @typedef {{uploads: Upload[], shown: Attachment[], isSettling: boolean}} Departure */

export class Departures {
  #uploads;
  #client;
  /** @type {import("../ui/row_list.js").RowList | null} of the conversation in the page */
  #list = null;
  #words;
  #boot;
  /** @type {Map<string, Departure>} by message */
  #departures = new Map();

  /**
   * @param {object} parts
   * @param {import("./uploads.js").Uploads} parts.uploads
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/text.js").Words} parts.words
   * @param {import("../ui/page.js").Boot} parts.boot
   */
  constructor({ uploads, client, words, boot }) {
    this.#uploads = uploads;
    this.#client = client;
    this.#words = words;
    this.#boot = boot;
    uploads.on("change", () => this.#lookAtAll());
    client.on("login", () => this.#lookAtAll());
    client.outbox.on("removed", (id) => this.#cancel(id));
    client.outbox.on("change", ({ id, state }) => state === "queued" && this.#retry(id));
  }

  get size() {
    return this.#departures.size;
  }

  /** @param {import("../ui/row_list.js").RowList} list of the conversation that is in the page now */
  open(list) {
    this.#list = list;
    this.#lookAtAll();
  }

  /** @param {string} id of the message @param {Upload[]} uploads @param {Attachment[]} shown what its row shows of them */
  add(id, uploads, shown) {
    this.#departures.set(id, { uploads, shown, isSettling: false });
    this.#lookAtAll();
  }

  #lookAtAll() {
    for (const [id, departure] of this.#departures) this.#lookAt(id, departure);
  }

  /** @param {string} id @param {Departure} departure */
  #lookAt(id, departure) {
    const { uploads } = departure;
    const failed = uploads.find((upload) => upload.state === "failed");
    const ready = uploads.filter((upload) => upload.state === "ready").length;
    const row = this.#list?.pending(id);
    const progress = row && slot(row, "uploading")?.querySelector("progress");
    if (row && progress) {
      progress.value = uploads.reduce((sum, upload) => sum + upload.progress, 0) / uploads.length;
      const total = uploads.length;
      fill(row, "uploading-text", this.#words.say("uploading", { done: Math.min(ready + 1, total), total }));
    }
    if (failed) {
      const size = sizeText(this.#boot.limits.upload_bytes);
      const detail = `${failed.file.name}: ${failureOf(failed, this.#words, size)}`;
      this.#client.outbox.settle(id, { state: "failed", error: "refused", detail });
    } else if (ready === uploads.length) void this.#depart(id, departure);
  }

  /** All files are there: the message goes. @param {string} id @param {Departure} departure */
  async #depart(id, departure) {
    if (departure.isSettling) return;
    departure.isSettling = true;
    try {
      const { uploads, shown } = departure;
      const attachments = await Promise.all(uploads.map((upload, index) => this.#described(upload, shown[index])));
      if (!this.#departures.delete(id)) return; // deleted meanwhile
      this.#release(departure);
      const { uploads: _arrived, ...draft } = this.#client.outbox.get(id)?.draft ?? { content: "" };
      const kind = attachments.every((each) => each.kind === "image") ? "image" : "file";
      this.#client.outbox.settle(id, { draft: { ...draft, kind, attachments } });
    } catch {
      departure.isSettling = false; // the network again: the next login comes back here
    }
  }

  /** @param {Upload} upload @param {Attachment} shown @returns {Promise<Attachment>} */
  async #described(upload, { alt }) {
    const attachment = /** @type {Attachment} */ (upload.attachment);
    return alt ? describe(this.#boot.api, attachment, alt) : attachment;
  }

  /** The user does not want to send it after all. @param {string} id */
  #cancel(id) {
    const departure = this.#departures.get(id);
    if (!departure) return;
    this.#departures.delete(id);
    this.#release(departure);
    for (const { attachment } of departure.uploads) if (attachment) discard(this.#boot.api, attachment.id);
  }

  /** The user wants it to go after all. @param {string} id */
  #retry(id) {
    for (const upload of this.#departures.get(id)?.uploads ?? []) this.#uploads.retry(upload.id);
  }

  /** @param {Departure} departure */
  #release({ uploads, shown }) {
    for (const upload of uploads) this.#uploads.remove(upload.id);
    setTimeout(() => {
      for (const { url } of shown) if (url) URL.revokeObjectURL(url);
    }, LOCAL_PICTURES_KEPT_MS);
  }
}

/** Why an upload failed, as a sentence. @param {Upload} upload @param {import("../ui/text.js").Words} words @param {string} size the largest */
export function failureOf({ error }, words, size) {
  const key = `upload_${error}`;
  return words.say(words.has(key) ? key : "upload_failed", { size });
}
