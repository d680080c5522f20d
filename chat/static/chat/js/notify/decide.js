/**
 * Whether a message is worth a notification and a sound. Pure: everything it goes by is handed in, the time too.
 *
 * @typedef {object} Settings As the server keeps them (chat/selectors/notifications.py).
 * @property {"all" | "mentions" | "none"} level
 * @property {boolean} hide_text
 * @property {boolean} sound
 * @property {string} quiet_from “22:00”, or empty for no quiet hours.
 * @property {string} quiet_to
 * @property {string[]} keywords
 * @property {string[]} mentions_only Conversations.
 *
 * @typedef {object} Situation
 * @property {string} me
 * @property {import("../core/frames.js").Message} message
 * @property {Pick<import("../core/frames.js").Conversation, "kind" | "muted" | "read_seq">} conversation
 * @property {string} clock The time of the day in the user's zone, “22:30”.
 * @property {"conversation" | "elsewhere" | "nowhere"} attention Where the user looks: at this conversation, at another
 *   page of the chat, or at none.
 * @property {number} age_ms Of the message.
 *
 * @typedef {{shows: boolean, sounds: boolean}} Decision
 */

/** What came while nobody was connected is for the list to tell: a page that wakes up does not ring for yesterday. */
const FRESH_MS = 5 * 60_000;

const NOTHING = Object.freeze({ shows: false, sounds: false });

/** @param {Settings} settings @param {Situation} situation @returns {Decision} */
export function decide(settings, { me, message, conversation, clock, attention, age_ms }) {
  if (message.sender === me || message.kind === "system" || message.recalled_at || message.silent) return NOTHING;
  if (message.seq <= conversation.read_seq || age_ms > FRESH_MS) return NOTHING;
  if (conversation.muted || settings.level === "none" || attention === "conversation") return NOTHING;
  if (isQuiet(settings, clock)) return NOTHING;
  const isOnlyMentions = settings.level === "mentions" || settings.mentions_only.includes(message.conversation);
  if (isOnlyMentions && conversation.kind !== "direct" && !isMention(settings, message, me)) return NOTHING;
  // In front of the user the number in the list says it; a sound says where to look.
  return { shows: attention === "nowhere", sounds: settings.sound };
}

/** Quiet hours may have midnight in them; their end is not quiet any more. @param {Settings} settings @param {string} clock */
export function isQuiet({ quiet_from: from, quiet_to: to }, clock) {
  if (!from || !to) return false;
  return from < to ? from <= clock && clock < to : from <= clock || clock < to;
}

/** @param {Settings} settings @param {import("../core/frames.js").Message} message @param {string} me */
export function isMention({ keywords }, { mentions, content }, me) {
  if (mentions?.includes(me)) return true;
  const text = (content ?? "").toLowerCase();
  return keywords.some((word) => holds(text, word.toLowerCase()));
}

/**
 * As a word of its own where words have spaces between them: “art” is not in “start”. Chinese and Japanese have none,
 * so there it is enough that it is there.
 *
 * @param {string} text @param {string} word
 */
function holds(text, word) {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text.slice(0, at).match(/.$/u)?.[0] ?? "";
    const after = text.slice(at + word.length).match(/^./u)?.[0] ?? "";
    if (!joins(before, word[0]) && !joins(word[word.length - 1], after)) return true;
  }
  return false;
}

const SPACED = /[\p{L}\p{N}]/u;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Whether two characters are of the same word. @param {string} one @param {string} other */
const joins = (one, other) =>
  SPACED.test(one) && SPACED.test(other) && !UNSPACED.test(one) && !UNSPACED.test(other);

/** “22:30” in a time zone. @param {number} at Unix ms @param {string} zone */
export const clockIn = (zone, at) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(at);
