/**
 * The files that wait in the message box: a preview of each, how far it is, and what can be done with it. Sending takes
 * them out; what is not uploaded by then goes on, and the message waits for it. Each conversation has its own; those of
 * one that was left wait until it is opened again.
 *
 * @typedef {import("./uploads.js").Upload} Upload
 * @typedef {import("../core/frames.js").Attachment} Attachment
 */

import { systemClock } from "../core/clock.js";
import { badgeOf, sizeText } from "../ui/file_text.js";
import { clone, element, fill, slot } from "../ui/page.js";
import { Departures, failureOf } from "./departures.js";
import { discard, postTo } from "./requests.js";
import { Uploads } from "./uploads.js";

/** What browsers show and the server makes pictures of. */
const PICTURE = /^image\/(?:jpeg|png|webp|gif)$/;
/** What is wrong with the file itself stays wrong. */
const HOPELESS = ["empty", "too_large", "bad_frame"];

/** @typedef {{upload: Upload, place: HTMLElement, shown: Attachment}} Entry `shown` is what rows show until the server's own is there */

export class Tray {
  #place = element("tray");
  #openId = "";
  #boot;
  #words;
  #alert;
  #uploads;
  #departures;
  /** @type {Map<string, Map<string, Entry>>} by conversation, and there by upload, in their order */
  #all = new Map();
  /** @type {Map<string, File[]>} what went with a message that may still be undone, by its id */
  #taken = new Map();

  /**
   * @param {object} parts
   * @param {import("../ui/page.js").Boot} parts.boot
   * @param {import("../core/client.js").Client} parts.client
   * @param {import("../ui/text.js").Words} parts.words
   * @param {import("../ui/alert.js").Alert} parts.alert
   */
  constructor({ boot, client, words, alert }) {
    this.#boot = boot;
    this.#words = words;
    this.#alert = alert;
    this.#uploads = new Uploads({ clock: systemClock, post: postTo(boot.api) });
    this.#departures = new Departures({ uploads: this.#uploads, client, words, boot });
    this.#uploads.on("change", (upload) => this.#show(upload));
    client.on("login", () => this.#uploads.wake());
    client.outbox.on("removed", (id) => void this.#taken.delete(id));
    addEventListener("online", () => this.#uploads.wake());
    addEventListener("beforeunload", (event) => {
      const isAnyLeft = [...this.#all.values()].some((entries) => entries.size > 0);
      if (isAnyLeft || this.#departures.size > 0) event.preventDefault();
    });
  }

  /**
   * This conversation is the one in the page now.
   *
   * @param {string} id
   * @param {import("../ui/composer.js").Composer} composer
   * @param {import("../ui/row_list.js").RowList} list
   */
  open(id, composer, list) {
    for (const [each, entries] of this.#all) if (entries.size === 0) this.#all.delete(each);
    this.#openId = id;
    this.#place = element("tray");
    this.#place.replaceChildren(...[...this.#entries.values()].map(({ place }) => place));
    this.#place.hidden = this.#entries.size === 0;
    this.#place.onclick = (event) => this.#onClick(/** @type {HTMLElement} */ (event.target));
    this.#departures.open(list);
    composer.useTray(this);
  }

  get #entries() {
    const entries = this.#all.get(this.#openId) ?? new Map();
    this.#all.set(this.#openId, entries);
    return entries;
  }

  get size() {
    return this.#entries.size;
  }

  /** Why they cannot be sent as they are; empty when they can. */
  problem() {
    const failed = [...this.#entries.values()].find(({ upload }) => upload.state === "failed");
    return failed ? this.#sentence(failed.upload) : "";
  }

  /** @param {File[]} files */
  add(files) {
    const room = this.#boot.limits.attachments - this.#entries.size;
    if (files.length > room) this.#alert.show(this.#words.say("files_max", { count: this.#boot.limits.attachments }));
    for (const file of files.slice(0, Math.max(room, 0))) this.#add(file);
  }

  /**
   * Takes all of them along, for the message of this id.
   *
   * @param {string} id
   * @returns {Partial<import("../core/outbox_storage.js").Draft>}
   */
  take(id) {
    const entries = [...this.#entries.values()];
    if (entries.length === 0) return {};
    for (const { place, shown } of entries) {
      const alt = /** @type {HTMLInputElement | null} */ (slot(place, "alt"))?.value.trim();
      if (alt) shown.alt = alt;
    }
    this.#entries.clear();
    this.#place.replaceChildren();
    this.#place.hidden = true;
    const attachments = entries.map(({ shown }) => shown);
    const kind = attachments.every((each) => each.kind === "image") ? "image" : "file";
    const uploads = entries.map(({ upload }) => upload);
    this.#taken.set(id, uploads.map(({ file }) => file));
    // After the message is in the outbox, which is what it waits in.
    queueMicrotask(() => this.#departures.add(id, uploads, attachments));
    return { kind, attachments, uploads: uploads.map((upload) => upload.id) };
  }

  /** Whether the files of this message could be given back: not after the page was left. @param {string} id */
  has(id) {
    return this.#taken.has(id);
  }

  /** The message is undone: its files are here again, and are uploaded anew. Before it is discarded. @param {string} id */
  giveBack(id) {
    this.add(this.#taken.get(id) ?? []);
  }

  /** @param {File} file */
  #add(file) {
    const error = file.size === 0 ? "empty" : file.size > this.#boot.limits.upload_bytes ? "too_large" : undefined;
    const upload = this.#uploads.add(file, error);
    const place = clone("tray-item");
    const shown = { id: upload.id, kind: "file", name: file.name, type: file.type, size: file.size, url: "" };
    place.dataset.upload = upload.id;
    this.#entries.set(upload.id, { upload, place, shown });
    fill(place, "name", file.name);
    fill(place, "preview", badgeOf(file.name));
    slot(place, "remove")?.setAttribute("aria-label", this.#words.say("file_remove", { name: file.name }));
    slot(place, "retry")?.setAttribute("aria-label", this.#words.say("file_retry", { name: file.name }));
    slot(place, "alt")?.setAttribute("aria-label", this.#words.say("picture_describe", { name: file.name }));
    this.#place.append(place);
    this.#place.hidden = false;
    this.#show(upload);
    if (PICTURE.test(file.type) && !error) this.#showPicture(file, shown, place);
  }

  /** @param {File} file @param {Attachment} shown @param {HTMLElement} place */
  #showPicture(file, shown, place) {
    const image = new Image();
    image.onload = () => {
      Object.assign(shown, { kind: "image", width: image.naturalWidth, height: image.naturalHeight, url: image.src });
      slot(place, "preview")?.replaceChildren(image);
      const alt = slot(place, "alt");
      if (alt) alt.hidden = false;
    };
    image.onerror = () => URL.revokeObjectURL(image.src); // the server will say why
    image.alt = "";
    image.src = URL.createObjectURL(file);
  }

  /** @param {Upload} upload */
  #show(upload) {
    const place = [...this.#all.values()].find((entries) => entries.has(upload.id))?.get(upload.id)?.place;
    if (!place) return;
    const progress = /** @type {HTMLProgressElement | null} */ (slot(place, "progress"));
    const isOver = upload.state === "ready" || upload.state === "failed";
    if (progress) {
      progress.hidden = isOver;
      progress.value = upload.progress;
    }
    place.classList.toggle("broken", upload.state === "failed");
    const retry = slot(place, "retry");
    if (retry) retry.hidden = upload.state !== "failed" || HOPELESS.includes(upload.error ?? "");
    fill(place, "state", `${sizeText(upload.file.size)} · ${this.#sentence(upload)}`);
    if (upload.state === "failed") this.#alert.show(`${upload.file.name}: ${this.#sentence(upload)}`);
  }

  /** @param {Upload} upload */
  #sentence(upload) {
    const size = sizeText(this.#boot.limits.upload_bytes);
    if (upload.state === "failed") return failureOf(upload, this.#words, size);
    if (upload.state === "uploading") {
      return this.#words.say("upload_percent", { percent: Math.floor(upload.progress * 100) });
    }
    return this.#words.say(upload.state === "ready" ? "upload_ready" : "upload_waiting");
  }

  /** @param {HTMLElement} target */
  #onClick(target) {
    const action = /** @type {HTMLElement | null} */ (target.closest("[data-action]"))?.dataset.action;
    const place = /** @type {HTMLElement | null} */ (target.closest("[data-upload]"));
    const entry = this.#entries.get(place?.dataset.upload ?? "");
    if (!action || !place || !entry) return;
    if (action === "retry") this.#uploads.retry(entry.upload.id);
    else this.#remove(entry);
  }

  /** @param {Entry} entry */
  #remove({ upload, place, shown }) {
    const next = place.nextElementSibling ?? place.previousElementSibling;
    this.#uploads.remove(upload.id);
    if (upload.attachment) discard(this.#boot.api, upload.attachment.id);
    if (shown.url) URL.revokeObjectURL(shown.url);
    this.#entries.delete(upload.id);
    place.remove();
    this.#place.hidden = this.#entries.size === 0;
    // The focus stays near, and never falls off the page.
    const stop = next ? slot(next, "remove") : element("message");
    stop?.focus();
  }
}
