/**
 * What writing a message has beyond the box, loaded as one when the page is idle.
 *
 * @typedef {import("../ui/conversation.js").Parts & import("../ui/conversation.js").View} View
 */

import { ask } from "../ui/dialog.js";
import { describeMentions, mentionsEveryone } from "../ui/mentioned.js";
import { clone, element } from "../ui/page.js";
import { findEmoji, loadEmoji, withTone } from "./emoji.js";
import { EmojiHabits } from "./emoji_habits.js";
import { EmojiPicker } from "./emoji_picker.js";
import { makeRoomForKeyboard } from "./keyboard_room.js";
import { LinkPeek } from "./link_peek.js";
import { offerFiles } from "./long_text.js";
import { Mentions } from "./mentions.js";
import { Selection } from "./selection.js";
import { SendMenu } from "./send_menu.js";
import { SHOWN, Suggestions } from "./suggestions.js";
import { Undo } from "./undo.js";

/** @param {View} view every listener on anything that outlives the conversation ends with its `signal` */
export function startWriting(view) {
  loadStyle();
  const habits = new EmojiHabits(view.boot.user.username);
  reactWithAny(view, habits);
  new Selection(view);
  if (view.composer) helpWriting(view, view.composer, habits);
  view.place.dispatchEvent(new Event("lian:ready")); // whatever was asked for before this was there
}

function loadStyle() {
  const style = /** @type {HTMLLinkElement} */ (clone("writing-style"));
  if (!document.head.querySelector(`link[href="${style.getAttribute("href")}"]`)) document.head.append(style);
}

/** @param {View} view @param {import("../ui/composer.js").Composer} composer @param {EmojiHabits} habits */
function helpWriting(view, composer, habits) {
  const { boot, words, alert, signal } = view;
  makeRoomForKeyboard(signal);
  const mentions = new Mentions(view);
  const isGroup = view.conversation.kind !== "direct";
  const emoji = (/** @type {string} */ query) => suggestEmoji(query, boot, habits);
  new Suggestions(composer, { "@": (query) => mentions.find(query), ":": emoji }, signal);
  composer.useHelper({
    ask: (content) => {
      const askFirst = async () => {
        const count = await mentions.countCalled();
        return count === 0 || ask(words.say("mention_all_ask", { count }));
      };
      return isGroup && mentionsEveryone(content) ? askFirst() : null;
    },
    describe: (content) => describeMentions(mentions.in(content)),
  });
  offerFiles(composer, signal);
  new LinkPeek(view, composer);
  new Undo(view, composer);
  // So that the list is there with the first “@”, also for who types fast.
  mentions.load().catch(() => {});
  const button = element("emoji-button");
  const open = () => {
    const { selectionStart, selectionEnd } = composer.box;
    const restore = () => {
      composer.focus();
      composer.box.setSelectionRange(selectionStart, selectionEnd);
    };
    const choose = (/** @type {string} */ emoji) => composer.insert(emoji, selectionStart, selectionEnd);
    const picker = new EmojiPicker({ boot, habits, at: button.getBoundingClientRect(), onChoice: choose, onClose: restore });
    picker.open().catch(() => alert.show(words.say("action_offline")));
  };
  button.addEventListener("click", open, { signal });
  new SendMenu(view, composer);
}

/**
 * @param {string} query
 * @param {import("../ui/page.js").Boot} boot
 * @param {EmojiHabits} habits
 * @returns {Promise<import("./suggestions.js").Suggestion[]>}
 */
async function suggestEmoji(query, boot, habits) {
  const { tone } = habits.read();
  return findEmoji(query, await loadEmoji(boot), SHOWN).map((emoji) => {
    const text = withTone(emoji, tone);
    const draw = (/** @type {HTMLElement} */ place) => {
      place.textContent = text;
      place.classList.add("glyph");
    };
    return { text, name: emoji.name, detail: "", draw };
  });
}

/** The “+” of a message's menu: any emoji. @param {View} view @param {EmojiHabits} habits */
function reactWithAny({ boot, words, alert, place, list, actions, signal }, habits) {
  const open = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { seq } = /** @type {CustomEvent<{seq: number}>} */ (event).detail;
    const bubble = /** @type {HTMLElement | null | undefined} */ (list.bySeq(seq)?.querySelector(".bubble"));
    if (!bubble) return;
    const choose = (/** @type {string} */ emoji) => {
      const row = list.bySeq(seq);
      if (row) void actions.perform(row, "react", emoji);
    };
    const back = () => bubble.focus({ preventScroll: true });
    const picker = new EmojiPicker({ boot, habits, at: bubble.getBoundingClientRect(), onChoice: choose, onClose: back });
    picker.open().catch(() => alert.show(words.say("action_offline")));
  };
  place.addEventListener("lian:emoji", open, { signal });
}
