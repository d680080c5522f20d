/**
 * The time without a network, prepared while it is there: the service worker with the shell, and what is kept of the
 * user. Loaded when the page is idle. Where browsers have no service worker (plain http on a local network), nothing.
 *
 * @typedef {object} Parts
 * @property {import("../ui/page.js").Boot} boot
 * @property {import("../core/client.js").Client} client
 * @property {import("../ui/drafts.js").Drafts} drafts
 * @property {import("../ui/text.js").Words} words
 */

import { notify } from "../notify/notice.js";
import { comeBack } from "./come_back.js";
import { forgetKept, Kept } from "./kept.js";
import { Keeper } from "./keeper.js";

const WORKER = "/sw.js";
/** The language of the shell that is kept. */
const LANGUAGE_KEY = "shell-language";

/** @param {Parts} parts */
export async function startOffline(parts) {
  const { boot, client } = parts;
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
  new Keeper({ boot, client, kept });
  await followVersions(parts, navigator.serviceWorker);
}

/** A deploy brings another worker, and this page is of the version before. @param {Parts} parts @param {ServiceWorkerContainer} workers */
async function followVersions({ boot, client, drafts, words }, workers) {
  workers.addEventListener("message", async ({ data }) => {
    if (data?.kind === "open") location.assign(data.address);
    if (data?.kind !== "version" || data.version === boot.shell) return;
    const answer = await notify({ text: words.say("update_ready"), yes: words.say("reload"), no: words.say("not_now") });
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
  // A deploy ends every connection; a page that slept through one finds the worker that is there already.
  client.on("login", () => void registration.update().catch(() => {}));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") registration.active?.postMessage("version");
  });
}
