/**
 * The page without a network (templates/chat/offline.html): puts in what this browser keeps, as the server would have
 * drawn it, and then starts the chat as on every page. What is written here waits in the outbox.
 *
 * @typedef {import("./kept.js").KeptConversation} KeptConversation
 */

import { element, readJson, slot } from "../ui/page.js";
import { Words } from "../ui/text.js";
import { Kept } from "./kept.js";

/** What stands in the shell's markup for the conversation that it shows (chat/web/offline.py). */
const ANY_CONVERSATION = "0123456789";

/** @param {string} path @returns {string | null} the conversation of a page; empty for the list; null for any other page */
export function conversationOf(path) {
  const found = /^\/c\/(?:(\w+)\/(?:m\/\d+\/)?)?$/.exec(path);
  return found && (found[1] ?? "");
}

async function showKept() {
  const kept = await Kept.open();
  const list = await kept.list();
  const id = conversationOf(location.pathname);
  const conversation = list && id ? await kept.conversation(id) : undefined;
  if (!conversation) showNothing(id);
  if (!list) return;

  document.documentElement.dataset.theme = list.theme;
  const rows = element("conversations");
  rows.innerHTML = list.rows;
  for (const link of rows.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
  if (id) rows.querySelector(`[data-cid="${CSS.escape(id)}"] .conv-link`)?.setAttribute("aria-current", "page");
  element("empty-list").hidden = list.rows !== "";
  const face = document.querySelector(".sidebar .bar .avatar");
  if (face) face.outerHTML = list.face;
  if (conversation) showConversation(conversation);

  const at = conversation?.at ?? list.at;
  const when = new Intl.DateTimeFormat(list.boot.locale, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: list.boot.timezone,
  });
  element("kept").textContent = new Words(readJson("text"), list.boot.locale).say("kept_from", { when: when.format(at) });
  element("boot").textContent = JSON.stringify({
    ...list.boot,
    conversation: conversation?.conversation ?? null,
    people: { ...list.boot.people, ...conversation?.people },
    first_unread: null,
    target: null,
    has_older: false,
    has_newer: false,
    kept_at: at,
  });
  await import("../main.js");
}

/** @param {string | null} id of the conversation that is not there */
function showNothing(id) {
  if (id === "") return;
  document.body.dataset.page = "elsewhere";
  const reason = slot(element("main"), id === null ? "elsewhere" : "missing");
  if (reason) reason.hidden = false;
}

/** @param {KeptConversation} kept */
function showConversation({ id, title, head, rows, placeholder, conversation }) {
  const template = /** @type {HTMLTemplateElement} */ (element("kept-pane"));
  template.innerHTML = template.innerHTML.replaceAll(ANY_CONVERSATION, id);
  const pane = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const find = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (pane.querySelector(name));
  const { kind, role, last_seq, version, read_seq } = conversation;
  Object.assign(pane.dataset, { kind, role, lastSeq: last_seq, version, readSeq: read_seq });
  const timeline = find("#timeline");
  timeline?.classList.replace("direct", kind);
  if (timeline) timeline.innerHTML = rows;
  const heading = find(".chat-head");
  if (heading) heading.outerHTML = head;
  const status = find("#status[data-user]");
  if (status) {
    // Who was there then is not news.
    status.textContent = `@${status.dataset.user}`;
    delete status.dataset.state;
  }
  find("#empty-timeline")?.remove();
  const box = /** @type {HTMLTextAreaElement | null} */ (find("#message"));
  if (box && placeholder !== null) box.placeholder = placeholder;
  else find("#composer")?.remove();
  element("main").replaceWith(pane);
  document.body.dataset.page = "conversation";
  document.title = title;
}

await showKept();
