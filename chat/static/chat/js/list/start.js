/**
 * What the conversation list has beyond its rows, loaded as one when the page is idle.
 */

import { ConversationMenu } from "./conversation_menu.js";
import { DraftsFilter } from "./drafts_filter.js";
import { listenForHelp } from "./help.js";
import { showMentions } from "./mentions.js";
import { Switcher } from "./switcher.js";

/**
 * @param {HTMLElement} place the list
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {import("../core/client.js").Client} parts.client
 * @param {import("../ui/api.js").Api} parts.api
 * @param {import("../ui/drafts.js").Drafts} parts.drafts
 * @param {import("../ui/text.js").Words} parts.words
 * @param {import("../ui/alert.js").Alert} parts.alert
 * @param {(conversation: string) => void} parts.onUnread
 */
export function startList(place, { boot, client, api, drafts, words, alert, onUnread }) {
  new ConversationMenu(place, { boot, client, words, alert, onUnread });
  new Switcher({ boot, client, words, alert });
  showMentions(place, { boot, client, words, alert });
  listenForHelp(boot);
  const filter = document.getElementById("drafts-filter");
  if (filter) new DraftsFilter(filter, { drafts, client, api, boot });
}
