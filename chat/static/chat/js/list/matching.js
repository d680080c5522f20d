/**
 * What a few typed letters mean among names: a name, a word in it, a username, or Chinese by pinyin, whole or begun
 * syllable by syllable: “zs”, “zhangs” and “zhangsan” all are 张三.
 *
 * @typedef {object} Name As chat/web/switcher_views.py says it.
 * @property {string} name
 * @property {string} pinyin Syllables between spaces, other readings of one between slashes.
 * @property {string} conversation Empty for somebody with whom there is none yet.
 * @property {string} username Empty for groups.
 * @property {string | null} avatar
 * @property {string} initials
 * @property {number} color
 * @property {boolean} square
 *
 * @typedef {{entry: Name, name: string, words: string[], username: string, syllables: string[][]}} Prepared
 */

/** @param {string} text in one form: full-width letters are letters, and case is none */
const plain = (text) => text.normalize("NFKC").toLowerCase().trim();

/** @param {Name} entry @returns {Prepared} */
export function prepare(entry) {
  const name = plain(entry.name);
  return {
    entry,
    name,
    words: name.split(/[\s·/,.()-]+/u),
    username: plain(entry.username),
    syllables: entry.pinyin ? entry.pinyin.split(" ").map((each) => each.split("/")) : [],
  };
}

/** The best first; in their own order (last active first) among equals. @param {string} typed @param {Prepared[]} names @param {number} limit */
export function findNames(typed, names, limit) {
  const query = plain(typed).replace(/^@/, "");
  if (!query) return names.slice(0, limit).map(({ entry }) => entry);
  /** @type {Name[][]} by rank */
  const ranks = [[], [], [], []];
  for (const each of names) ranks[rankOf(query, each)]?.push(each.entry);
  return ranks.flat().slice(0, limit);
}

/** 0 is best; 4 is no match. @param {string} query @param {Prepared} name */
function rankOf(query, { name, words, username, syllables }) {
  if (name.startsWith(query) || username.startsWith(query)) return 0;
  const letters = query.replaceAll(/[\s']/g, "");
  const isPinyin = /^[a-z]+$/.test(letters);
  if (isPinyin && isSpelled(letters, syllables, 0)) return 1;
  if (words.some((word) => word.startsWith(query))) return 1;
  if (isPinyin && syllables.some((_, start) => start > 0 && isSpelled(letters, syllables, start))) return 2;
  return name.includes(query) || username.includes(query) ? 3 : 4;
}

/** Whether the letters are beginnings of these syllables, one after another. @param {string} letters @param {string[][]} syllables @param {number} at @returns {boolean} */
export function isSpelled(letters, syllables, at) {
  // How many letters the syllables so far can take. Numbers and not ways: of “hhhh” in 和和和和 there are thousands.
  let taken = new Set([0]);
  for (let next = at; taken.size > 0; next += 1) {
    if (taken.has(letters.length)) return true;
    /** @type {Set<number>} */
    const further = new Set();
    for (const reading of syllables[next] ?? []) {
      for (const start of taken) {
        for (let length = commonLength(letters, start, reading); length > 0; length -= 1) further.add(start + length);
      }
    }
    taken = further;
  }
  return false;
}

/** @param {string} letters @param {number} start @param {string} reading */
function commonLength(letters, start, reading) {
  let length = 0;
  while (start + length < letters.length && length < reading.length && letters[start + length] === reading[length]) length += 1;
  return length;
}
