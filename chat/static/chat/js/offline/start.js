/**
 * The time without a network, prepared while it is there: the service worker with the shell, and what is kept of the
 * user. Loaded when the page is idle. Where browsers have no service worker (plain http on a local network), nothing.
 *
 * @typedef {import("../ui/current.js").Parts & {current: import("../ui/current.js").Current}} Parts
 */

import { offer } from "../notify/notice.js";
import { comeBack } from "./come_back.js";
import { forgetKept, Kept } from "./kept.js";
import { Keeper } from "./keeper.js";
import { leaveWithOthers } from "./leaving.js";

const WORKER = "/sw.js";
/** A page that was not looked at for so long asks whether it is of yesterday. */
const CHECK_AFTER_MS = 10 * 60_000;
/** The language of the shell that is kept. */
const LANGUAGE_KEY = "shell-language";

/** @param {Parts} parts */
export async function startOffline(parts) {
  const { boot, client, current } = parts;
  leaveWithOthers(client);
  if (!navigator.serviceWorker || !globalThis.indexedDB) return;
  if (!boot.shell) return forgetKept(); // switched off (IM_OFFLINE)
  client.on("state", (state) => void (state === "signed-out" && forgetKept()));
  if (client.state === "signed-out") return forgetKept();
  if (boot.kept_at) return comeBack(parts);

  let kept = await Kept.open();
  const found = await kept.list();
  if (found && found.boot.user.username !== boot.user.username) {
    await forgetKept();
    kept = await Kept.open();
  }
  new Keeper({ boot, client, current, kept });
  await followVersions(parts, navigator.serviceWorker);
}

/** A deploy brings another worker, and this page is of the version before. @param {Parts} parts @param {ServiceWorkerContainer} workers */
async function followVersions({ boot, client, current, drafts, words }, workers) {
  workers.addEventListener("message", async ({ data }) => {
    if (data?.kind === "open") current.go(data.address);
    if (data?.kind !== "version" || data.version === boot.shell) return;
    const answer = await offer({ text: words.say("update_ready"), yes: words.say("reload"), no: words.say("not_now") });
    if (!answer) return;
    drafts.flush();
    location.reload();
  });
  const registration = await workers.register(WORKER, { updateViaCache: "none" });
  if (!registration) return; // browsers that are told to have none say so in this way
  if (localStorage.getItem(LANGUAGE_KEY) !== boot.language) {
    registration.active?.postMessage("language"); // one that is just being installed knows it already
    localStorage.setItem(LANGUAGE_KEY, boot.language);
  }
  let checkedAt = Date.now();
  const check = async () => {
    checkedAt = Date.now();
    await registration.update().catch(() => {}); // without a network, at the next occasion
    // One that is being installed says by itself who it is. One that has done so while this page slept is asked.
    if (!registration.installing) registration.active?.postMessage("version");
  };
  client.on("login", () => void check()); // a deploy ends every connection
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - checkedAt > CHECK_AFTER_MS) void check();
  });
}
