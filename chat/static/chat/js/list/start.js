/**
 * What the conversation list has beyond its rows, loaded as one when the page is idle.
 */

import { csrfToken, element } from "../ui/page.js";
import { DraftSync, draftRequests } from "../writing/draft_sync.js";
import { acceptRowDrops } from "../writing/row_drop.js";
import { followContactRequests } from "./contact_requests.js";
import { ConversationMenu } from "./conversation_menu.js";
import { DraftsFilter } from "./drafts_filter.js";
import { listenForHelp } from "./help.js";
import { showMentions } from "./mentions.js";
import { Switcher } from "./switcher.js";
import { ListWindow } from "./window.js";

/**
 * @param {HTMLElement} place the list
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {import("../core/client.js").Client} parts.client
 * @param {import("../ui/api.js").Api} parts.api
 * @param {import("../ui/drafts.js").Drafts} parts.drafts
 * @param {import("../ui/text.js").Words} parts.words
 * @param {import("../ui/alert.js").Alert} parts.alert
 * @param {import("../ui/list.js").ConversationList} parts.conversations
 * @param {import("../ui/current.js").Current} parts.current
 */
export function startList(place, { boot, client, api, drafts, words, alert, conversations, current }) {
  conversations.useWindow(new ListWindow(place, element("list-scroller")));
  new ConversationMenu(place, { boot, client, words, alert, current });
  new Switcher({ boot, client, words, alert, current });
  acceptRowDrops(place, { boot, client, words, alert });
  showMentions({ boot, client, conversations, current, words, alert });
  followContactRequests(element("contacts-link"), { boot, client, words });
  listenForHelp({ boot, words, alert });
  const filter = document.getElementById("drafts-filter");
  if (filter) new DraftsFilter(filter, { drafts, client, api, boot, current });
  syncDrafts(new DraftSync({ drafts, me: boot.user.username, requests: draftRequests(boot.api, csrfToken) }), client);
  performance.mark("list"); // from here on all of it is there
}

/** @param {DraftSync} sync @param {import("../core/client.js").Client} client */
function syncDrafts(sync, client) {
  client.on("login", () => void sync.exchange());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void sync.exchange());
  addEventListener("pagehide", () => sync.leave());
  void sync.exchange();
}
