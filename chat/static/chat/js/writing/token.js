/**
 * What is being typed at the caret: a name after “@”, an emoji after “:”, or neither.
 *
 * @typedef {object} Token
 * @property {"@" | ":"} sign
 * @property {string} query What stands behind the sign.
 * @property {number} start Where the sign stands.
 * @property {number} end Where the caret does.
 */

/** No name that one types in full is longer. */
const QUERY_MAX = 32;
/** Chinese has no spaces: these characters end a word as a space does. */
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** What makes an “@” part of a word: an address, say. The server's rule (chat/markup/mentions.py), for all alphabets. */
const IN_WORD = /[\p{L}\p{N}_.+-]/u;
const NAME = /@([\p{L}\p{M}\p{N}_.+·'-]*)$/u;
/** Two letters at least: `:)`, `:-P` and `:D` are no beginnings of anything. */
const EMOJI = /[:：](\p{L}[\p{L}\p{M}][\p{L}\p{M}\p{N}_-]*)$/u;

/** @param {string} text @param {number} caret @returns {Token | null} */
export function tokenAt(text, caret) {
  const before = text.slice(Math.max(0, caret - QUERY_MAX - 2), caret);
  return find(before, NAME, "@", caret, IN_WORD) ?? find(before, EMOJI, ":", caret, /[\p{L}\p{N}:：/]/u);
}

/**
 * @param {string} before
 * @param {RegExp} pattern
 * @param {Token["sign"]} sign
 * @param {number} end
 * @param {RegExp} inWord what no sign stands behind
 * @returns {Token | null}
 */
function find(before, pattern, sign, end, inWord) {
  const found = pattern.exec(before);
  if (!found) return null;
  const previous = [...before.slice(0, found.index)].at(-1) ?? "";
  if (inWord.test(previous) && !CJK.test(previous)) return null;
  return { sign, query: found[1], start: end - found[0].length, end };
}
