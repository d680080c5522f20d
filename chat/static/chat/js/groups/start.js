/**
 * What stands around the messages of the open conversation, kept true: its pinned messages, the panel, who may write.
 * Loaded when the page is idle. The words are the server's: when something has changed, it is asked to draw it anew.
 *
 * @typedef {import("../ui/conversation.js").Parts & import("../ui/conversation.js").View} View
 */

import { element, makeUrl } from "../ui/page.js";
import { pinMessage } from "./pinning.js";
import { showMembersPresence } from "./presence.js";

/** Changes come in bursts: several at once are drawn once. */
const COLLECT_MS = 300;
/** In a crowd somebody comes or goes all the time. */
const REST_MS = 2_000;

/** @param {View} view */
export function startGroup(view) {
  const { conversation: opened, boot, client, place, keeper, signal } = view;
  const cid = opened.conversation;
  const address = `${makeUrl(boot.urls.conversation, { cid })}about/`;
  const followMembers = opened.kind === "direct" ? () => {} : showMembersPresence(view);
  let known = factsOf(client.store.conversation(cid) ?? opened);
  let drawnAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  async function draw() {
    waiting = undefined;
    drawnAt = Date.now();
    const text = await fetch(address, { headers: { Accept: "text/html" }, signal })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .catch(() => "");
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("section");
    if (!fresh || signal.aborted) return; // offline, or no longer in it: other parts of the page say so
    keeper.change(() => exchange(fresh));
    followMembers();
    // Between two people only a block is in the way, and what shows that is no business of this.
    if (opened.kind !== "direct") showBox("writes" in fresh.dataset, fresh.dataset.note ?? "");
  }

  const soon = () => {
    waiting ??= setTimeout(() => void draw(), Math.max(COLLECT_MS, drawnAt + REST_MS - Date.now()));
  };
  const onConversation = (/** @type {import("../core/frames.js").Conversation} */ changed) => {
    if (changed.conversation !== cid) return;
    const facts = factsOf(changed);
    if (facts !== known) soon();
    known = facts;
  };
  const onMessage = (/** @type {import("../core/frames.js").Message} */ message) => {
    if (message.conversation !== cid) return;
    if (message.kind === "system" || Boolean(message.pinned_at) !== pinnedSeqs().has(message.seq)) soon();
  };
  client.store.on("conversation", onConversation, signal);
  client.store.on("message", onMessage, signal);
  signal.addEventListener("abort", () => clearTimeout(waiting));
  // What is around it was drawn a while ago, when one comes back to it in the same page.
  if ((client.store.conversation(cid)?.version ?? 0) > Number(element("main").dataset.version)) soon();
  for (const action of ["pin", "unpin"]) {
    const onAction = (/** @type {Event} */ event) => {
      const { seq } = /** @type {CustomEvent<{seq: number}>} */ (event).detail;
      void pinMessage(view, seq, action === "pin");
    };
    place.addEventListener(`lian:${action}`, onAction, { signal });
  }
}

/** What the panel and the head show of it. @param {import("../core/frames.js").Conversation} conversation */
function factsOf({ title, avatar, description, permissions, role, join_requests: asking, muted, pinned, archived }) {
  return JSON.stringify([title, avatar, description, permissions, role, asking, muted, pinned, archived]);
}

const pinnedSeqs = () => new Set((element("pinned").dataset.seqs ?? "").split(" ").filter(Boolean).map(Number));

/** @param {HTMLElement} fresh */
function exchange(fresh) {
  for (const part of ["#pinned", "#info-link", "#status:not([data-user])", ".chat-head > .avatar", "#info .panel"]) {
    const old = document.querySelector(part);
    const made = fresh.querySelector(part.replace("#info ", ""));
    // Whoever is using it is not disturbed: what they do there changes it anyhow.
    if (old && made && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(made));
  }
}

/** Whether there is a box to write in, or a line that says why not. @param {boolean} writes @param {string} note */
function showBox(writes, note) {
  const box = document.getElementById("composer");
  const line = document.getElementById("composer-note");
  if (!box && line && writes) location.reload(); // the page was drawn without one
  else if (!box && line) line.textContent = note;
  if (!box) return;
  box.hidden = !writes; // a draft stays in it
  if (writes) line?.remove();
  else if (line) line.textContent = note;
  else box.after(makeNote(note));
}

/** @param {string} text */
function makeNote(text) {
  const note = document.createElement("p");
  note.id = note.className = "composer-note";
  note.setAttribute("role", "status");
  note.textContent = text;
  return note;
}
