/**
 * Files of messages in their rows, as the server draws them (chat/web/attachments.py), and the way to more of the
 * script: what chooses, uploads and enlarges files is loaded when it is first wanted.
 *
 * @typedef {import("../core/frames.js").Attachment} Attachment
 */

import { badgeOf, sizeText } from "./file_text.js";
import { clone, element, fill, slot, whenIdle } from "./page.js";

/** CSS pixels of the room that a single picture gets; chat/web/attachments.py has the same. */
const ROOM = { width: 360, height: 320 };

/** @param {HTMLElement} row @param {Attachment[]} attachments @param {import("./text.js").Words} words */
export function showAttachments(row, attachments, words) {
  const isPicture = (/** @type {Attachment} */ each) => each.kind === "image";
  fillList(row, "pictures", attachments.filter(isPicture).map((each) => drawPicture(each, words)));
  fillList(row, "files", attachments.filter((each) => !isPicture(each)).map(drawFile));
}

/** @param {HTMLElement} row @param {string} name @param {HTMLElement[]} items */
function fillList(row, name, items) {
  const list = slot(row, name);
  if (!list) return;
  list.hidden = items.length === 0;
  list.replaceChildren(...items);
}

/** @param {Attachment} file @param {import("./text.js").Words} words */
function drawPicture({ name, url, thumbnail, animated, alt, width = 1, height = 1 }, words) {
  const item = clone("picture");
  const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
  const image = /** @type {HTMLImageElement} */ (item.querySelector("img"));
  link.href = url;
  link.dataset.name = name;
  // Before the address: the room is there before the picture is.
  [image.width, image.height] = fit(width, height);
  image.alt = alt || words.say("picture_alt", { name });
  const moving = /** @type {HTMLSourceElement} */ (item.querySelector("source"));
  if (animated) moving.srcset = url;
  else moving.remove();
  image.src = thumbnail ?? url;
  return item;
}

/** Width and height that fit into the room, never larger than the picture itself. @param {number} width @param {number} height */
export function fit(width, height) {
  const scale = Math.min(1, ROOM.width / width, ROOM.height / height);
  return [width, height].map((side) => Math.max(1, Math.round(side * scale)));
}

/** @param {Attachment} file */
function drawFile({ name, url, size }) {
  const item = clone("file");
  const link = /** @type {HTMLAnchorElement} */ (item.querySelector("a"));
  if (url) link.href = url;
  else link.removeAttribute("href");
  fill(item, "badge", badgeOf(name));
  fill(item, "name", name);
  fill(item, "size", sizeText(size));
  return item;
}

/** A picture opens above the page. @param {HTMLElement} timeline @param {import("./text.js").Words} words @param {AbortSignal} signal */
export function enlargePictures(timeline, words, signal) {
  const enlarge = async (/** @type {MouseEvent} */ event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".picture"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const { openLightbox } = await import("../files/lightbox.js");
      openLightbox(link, timeline, words);
    } catch {
      location.assign(link.href); // not loaded, for want of a network: then as without a script
    }
  };
  timeline.addEventListener("click", enlarge, { signal });
}

/**
 * One for the page: what is chosen or under way stays so while one looks into another conversation.
 *
 * @type {Promise<import("../files/tray.js").Tray | null> | null}
 */
let loading = null;

/**
 * Files come by the button, by drag and drop anywhere on the conversation, and from the clipboard.
 *
 * @param {import("./composer.js").Composer} composer
 * @param {ConstructorParameters<typeof import("../files/tray.js").Tray>[0]} parts
 * @param {{cid: string, list: import("./row_list.js").RowList, signal: AbortSignal}} opened
 */
export function acceptFiles(composer, parts, { cid, list, signal }) {
  const load = async () => {
    try {
      const { Tray } = await import("../files/tray.js");
      return new Tray(parts);
    } catch (error) {
      console.warn("What uploads files could not be loaded:", error);
      loading = null;
      return null;
    }
  };
  const begin = async () => {
    const tray = await (loading ??= load());
    if (!signal.aborted) tray?.open(cid, composer, list);
    return tray;
  };
  const add = async (/** @type {Iterable<File>} */ chosen) => {
    const files = [...chosen]; // at once: the browser takes its list back
    if (files.length === 0) return;
    const tray = await begin();
    if (signal.aborted) return;
    if (!tray) return parts.alert.show(parts.words.say("action_offline"));
    tray.add(files);
    // A phone's keyboard would cover them.
    if (matchMedia("(pointer: fine)").matches) composer.focus();
  };
  const input = /** @type {HTMLInputElement} */ (element("files"));
  const choose = () => {
    void add(input.files ?? []);
    input.value = "";
  };
  const paste = (/** @type {ClipboardEvent} */ event) => {
    // What was copied from a text processor is text with a picture of itself.
    const data = event.clipboardData;
    if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
    event.preventDefault();
    void add(data.files);
  };
  input.addEventListener("change", choose, { signal });
  element("message").addEventListener("paste", paste, { signal });
  acceptDrops(element("main"), (files) => void add(files), signal);
  whenIdle(begin);
}

/** @param {HTMLElement} zone @param {(files: FileList) => void} add @param {AbortSignal} signal */
function acceptDrops(zone, add, signal) {
  /** Entering a child comes before leaving its parent. */
  let depth = 0;
  const mark = (/** @type {number} */ now) => {
    depth = now;
    zone.classList.toggle("dropping", depth > 0);
  };
  const withFiles = (/** @type {(event: DragEvent) => void} */ act) => (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    act(event);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    mark(0);
    add(/** @type {DataTransfer} */ (event.dataTransfer).files);
  };
  zone.addEventListener("dragenter", withFiles(() => mark(depth + 1)), { signal });
  zone.addEventListener("dragleave", withFiles(() => mark(depth - 1)), { signal });
  zone.addEventListener("dragover", withFiles(() => {}), { signal });
  zone.addEventListener("drop", withFiles(drop), { signal });
}
