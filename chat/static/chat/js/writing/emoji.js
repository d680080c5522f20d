/**
 * All emoji, their names and what else one calls them, in English, Chinese and pinyin (scripts/make_emoji.py). Read
 * when they are first wanted.
 *
 * @typedef {object} Emoji
 * @property {string} text Without the colour of a skin.
 * @property {boolean} isToned Whether it can have one.
 * @property {string} name In the user's language.
 * @property {string[]} words Everything it is found by, in small letters.
 * @property {string[]} tags What it is found by after that.
 * @property {string[][]} syllables Of its Chinese name.
 *
 * @typedef {{key: string, emoji: Emoji[]}} Group
 */

import { isSpelled } from "../list/matching.js";

/** Skin tones, from light to dark; 0 is none. */
const TONES = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];
const PRESENTATION = "\uFE0F";

/**
 * @param {{key: string, emoji: string[]}[]} list a 1 behind an emoji says that it can have a skin tone
 * @param {string[]} english “name|words|pinyin”, in the same order
 * @param {string[]} chinese
 * @param {string} language
 * @returns {Group[]}
 */
export function makeGroups(list, english, chinese, language) {
  let index = 0;
  return list.map(({ key, emoji }) => ({
    key,
    emoji: emoji.map((written) => {
      const [en, zh] = [english[index].split("|"), chinese[index].split("|")];
      index += 1;
      const isToned = written.endsWith("1");
      return {
        text: isToned ? written.slice(0, -1) : written,
        isToned,
        name: (language.startsWith("zh") ? zh : en)[0],
        words: [en[0], zh[0], ...en[0].split(" ")].map((each) => each.toLowerCase()),
        tags: `${en[1]},${zh[1]}`.toLowerCase().split(","),
        syllables: zh[2] ? zh[2].split(" ").map((each) => [each]) : [],
      };
    }),
  }));
}

/** The best first. @param {string} typed @param {Group[]} groups @param {number} limit @returns {Emoji[]} */
export function findEmoji(typed, groups, limit) {
  const query = typed.normalize("NFKC").toLowerCase().trim().replaceAll("_", " ");
  if (!query) return [];
  /** @type {Emoji[][]} */
  const ranks = [[], [], [], []];
  for (const { emoji } of groups) for (const each of emoji) ranks[rankOf(query, each)]?.push(each);
  return ranks.flat().slice(0, limit);
}

/** 0 is best; 4 is no match. @param {string} query @param {Emoji} emoji */
function rankOf(query, { text, words, tags, syllables }) {
  if (words.includes(query) || text === query) return 0;
  if (tags.includes(query)) return 1;
  if (words.some((word) => word.startsWith(query)) || tags.some((tag) => tag.startsWith(query))) return 2;
  const isChinese = /\p{Script=Han}/u.test(query);
  if (isChinese && [...words, ...tags].some((word) => word.includes(query))) return 3;
  const letters = query.replaceAll(" ", "");
  return /^[a-z]{2,}$/.test(letters) && isSpelled(letters, syllables, 0) ? 3 : 4;
}

/** @param {Emoji} emoji @param {number} tone 0 to 5 */
export function withTone({ text, isToned }, tone) {
  if (!isToned || !tone) return text;
  const [first, ...rest] = text;
  if (rest[0] === PRESENTATION) rest.shift();
  return first + TONES[tone] + rest.join("");
}

/** @type {Promise<Group[]> | null} */
let loading = null;

/** @param {import("../ui/page.js").Boot} boot @returns {Promise<Group[]>} rejects without a network */
export function loadEmoji(boot) {
  loading ??= load(boot).catch((error) => {
    loading = null; // the next time
    throw error;
  });
  return loading;
}

/** @param {import("../ui/page.js").Boot} boot */
async function load({ language }) {
  // The addresses carry a hash of the content, which only the page knows.
  const { list, en, zh } = /** @type {HTMLElement} */ (document.getElementById("emoji-picker")).dataset;
  const files = await Promise.all([list, en, zh].map((url) => fetch(/** @type {string} */ (url))));
  if (!files.every(({ ok }) => ok)) throw new Error("The emoji could not be loaded.");
  const [groups, english, chinese] = await Promise.all(files.map((file) => file.json()));
  return makeGroups(groups, english, chinese, language);
}
