/**
 * Where the page comes alive. Every page loads this; what it finds decides what it does. Until it has run, and if
 * anything in it fails, links and forms do what the server made them for.
 */

import { Client } from "./core/client.js";
import { newId } from "./core/ids.js";
import { openOutboxStorage, outboxNameOf } from "./core/outbox_storage.js";
import { Alert } from "./ui/alert.js";
import { Api } from "./ui/api.js";
import { ConnectionBar } from "./ui/connbar.js";
import { ConversationRowMaker } from "./ui/conversation_row.js";
import { Current } from "./ui/current.js";
import { Drafts } from "./ui/drafts.js";
import { listenForShortcuts } from "./ui/keyboard.js";
import { ConversationList } from "./ui/list.js";
import { keepListPlace } from "./ui/list_place.js";
import { csrfToken, element, readJson, whenIdle } from "./ui/page.js";
import { People } from "./ui/people.js";
import { listenForSearch } from "./ui/search.js";
import { forgetOnSignOut } from "./ui/sign_out.js";
import { joinTabs, openDrainLock } from "./ui/tabs.js";
import { Words } from "./ui/text.js";
import { Times } from "./ui/times.js";
import { Typing } from "./ui/typing.js";

const YEAR_S = 365 * 24 * 3600;
const DEVICE_KEY = "device";
/** How the page before reached the server: where sockets are blocked, not every page should find that out anew. */
const VIA_KEY = "via";

/** The server shows times in the browser's zone from the next page on. @param {string | undefined} known */
function tellTimeZone(known) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === known) return;
  document.cookie = `timezone=${encodeURIComponent(zone)}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

/** This browser, as long as its storage lives. */
function deviceId() {
  const id = localStorage.getItem(DEVICE_KEY) ?? newId();
  localStorage.setItem(DEVICE_KEY, id);
  return id;
}

/** @param {import("./ui/page.js").Boot} boot */
async function startChat(boot) {
  const me = boot.user.username;
  const outboxName = outboxNameOf(me);
  const socketUrl = new URL(boot.socket, location.href);
  socketUrl.protocol = socketUrl.protocol.replace("http", "ws");
  const opened = boot.conversation;
  const isListed = boot.conversations.some((each) => each.conversation === opened?.conversation);
  const client = new Client({
    url: socketUrl.href,
    me,
    device: { id: deviceId(), platform: "web" },
    html: true,
    cursors: boot.cursors,
    epoch: boot.epoch,
    conversations: opened && !isListed ? [...boot.conversations, opened] : boot.conversations,
    storage: await openOutboxStorage(outboxName),
    lock: openDrainLock(outboxName),
    poll: {
      url: new URL(boot.api, location.href).href,
      headers: () => ({ "X-CSRFToken": csrfToken() }),
      isHidden: () => document.visibilityState === "hidden",
      first: sessionStorage.getItem(VIA_KEY) === "poll",
    },
    isOnline: () => navigator.onLine,
  });
  const words = new Words(readJson("text"), boot.locale);
  const times = new Times(words, boot.locale, boot.timezone);
  const people = new People(boot.people);
  const api = new Api(boot);
  const drafts = new Drafts(me);
  const alert = new Alert(element("alert"));
  const maker = new ConversationRowMaker({ boot, people, times, words, api });
  const list = new ConversationList(element("conversations"), { maker, client, drafts, boot });
  const typing = new Typing({ client, people, words, list });
  new ConnectionBar(client, words);
  joinTabs(client);
  askServer(client, api);
  const shown = document.getElementById("scroller") && opened; // the page about it shows no messages
  const shared = { boot, client, api, people, words, times, drafts, conversations: list, typing, alert };
  const current = new Current(shared);
  if (shown) current.open(shown);
  whenIdle(async () => {
    const { startList } = await import("./list/start.js");
    startList(element("conversations"), { ...shared, current });
  });
  whenIdle(async () => (await import("./switching/start.js")).startSwitching({ ...shared, current }));
  whenIdle(async () => (await import("./offline/start.js")).startOffline({ ...shared, current }));
  whenIdle(async () => (await import("./notify/start.js")).startNotifying({ ...shared, current }));
  listenForShortcuts({
    go: (step, unreadOnly) => {
      const address = list.neighbour(step, unreadOnly);
      if (address) current.go(address);
    },
    view: () => current.view,
  });
  client.store.on("removed", (id) => {
    if (id === boot.conversation?.conversation) location.assign(`${boot.urls.list}?gone=1`);
  });
  client.on("login", () => sessionStorage.setItem(VIA_KEY, client.connection.via));
  followThePage(client);
  await client.start();
}

/** The server has heard by then what was read. */
const ASK_AGAIN_MS = 1_000;

/** What frames alone cannot tell: a conversation the page did not list, and a number that only the log knows. */
function askServer(/** @type {Client} */ client, /** @type {Api} */ api) {
  /** @type {Set<string>} */
  const asking = new Set();
  const ask = async (/** @type {string} */ id) => {
    if (asking.has(id)) return;
    asking.add(id);
    const conversation = await api.conversation(id);
    asking.delete(id);
    if (!conversation) return;
    client.learn(conversation);
    // Said before the server had heard what was read here: its number is the one of then.
    if (conversation.read_seq < client.store.progress(id).readSeq) setTimeout(() => void ask(id), ASK_AGAIN_MS);
  };
  client.store.on("unknown", (id) => void ask(id));
  client.on("read", (id) => {
    if (!client.store.unread(id).exact) void ask(id);
  });
}

/** The network and the page come and go. */
function followThePage(/** @type {Client} */ client) {
  let hiddenAt = 0;
  addEventListener("online", () => client.wake());
  addEventListener("offline", () => client.connection.networkLost());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hiddenAt = Date.now();
    else client.wake(hiddenAt ? Date.now() - hiddenAt : 0);
  });
  // A page that comes back from the browser's cache has a dead socket and no idea of it.
  addEventListener("pageshow", (event) => event.persisted && client.wake(Infinity));
}

document.documentElement.classList.add("js");
const boot = readJson("boot");
tellTimeZone(boot?.timezone);
listenForSearch();
if (document.querySelector("button.reveal, #id_avatar")) (await import("./pages/forms.js")).enhanceForms();
if (document.querySelector("button[data-copy]")) (await import("./pages/copy.js")).enhanceCopying();
const search = /** @type {HTMLFormElement | null} */ (document.getElementById("search"));
if (search) (await import("./pages/search.js")).enhanceSearch(search);
if (boot?.user) forgetOnSignOut(boot.user.username, new Words(readJson("text"), boot.locale));
if (document.getElementById("this-browser")) {
  (await import("./pages/notifications.js")).enhanceNotifications(boot.user.username);
}
// Whose session is over leaves nothing here that shows without a network; what is not sent and not finished stays.
if (document.body.dataset.page === "signin") whenIdle(async () => (await import("./offline/kept.js")).forgetKept());
if (boot?.socket) {
  keepListPlace(element("list-scroller"), boot.filter);
  await startChat(boot);
}
