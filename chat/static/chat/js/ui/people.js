/**
 * Who people are on this page, and the picture of whoever has none: the same initials and colours as
 * accounts/people.py gives them, so that a row does not change its face when the server draws it next time.
 *
 * @typedef {import("./page.js").Person} Person
 */

const COLOURS = 8;
const WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uFF01-\uFF60]/u;

export class People {
  #known;

  /** @param {Record<string, Person>} known */
  constructor(known) {
    this.#known = new Map(Object.entries(known));
  }

  /** @param {string} username */
  has(username) {
    return this.#known.has(username);
  }

  /** @param {Record<string, Person>} people */
  add(people) {
    for (const [username, person] of Object.entries(people)) this.#known.set(username, person);
  }

  /** Somebody nobody has told us about stands for themselves. @param {string} username @returns {Person} */
  get(username) {
    return this.#known.get(username) ?? { name: username, avatar: null, ...facelessPicture(username, username) };
  }

  /** @param {string} username */
  name(username) {
    return this.get(username).name;
  }
}

/** @param {string} key gives the colour, for ever @param {string} name */
export const facelessPicture = (key, name) => ({ initials: initials(name), color: crc32(key) % COLOURS });

/** “AC” of “Alice Chen”, “小明” of “王小明”, “书店” of “书店 Books”, “🎉” of “🎉”. @param {string} name */
export function initials(name) {
  const words = name
    .normalize("NFC")
    .split(/\s+/)
    .map((word) => [...word].filter((character) => /[\p{L}\p{N}]/u.test(character)))
    .filter((word) => word.length > 0);
  if (words.length === 0) return /\p{So}/u.exec(name)?.[0] ?? "?";
  const last = words[words.length - 1];
  if (WIDE.test(last[last.length - 1])) return last.slice(-2).join("");
  if (WIDE.test(words[0][0])) return words[0].slice(0, 2).join("");
  return (words[0][0] + (words.length > 1 ? last[0] : "")).toLocaleUpperCase();
}

/** @param {string} text */
export function crc32(text) {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Puts a picture, or initials on a colour, into an `.avatar`.
 *
 * @param {HTMLElement} place
 * @param {Pick<Person, "avatar" | "initials" | "color">} person
 */
export function drawAvatar(place, person) {
  setColour(place, person.color);
  if (!person.avatar) {
    place.textContent = person.initials;
    place.classList.toggle("wide", [...person.initials].length > 1 && WIDE.test(person.initials));
    return;
  }
  const image = document.createElement("img");
  image.src = person.avatar;
  image.alt = "";
  place.replaceChildren(image);
}

/** @param {Element} place @param {number} colour */
export function setColour(place, colour) {
  for (let each = 0; each < COLOURS; each += 1) place.classList.toggle(`c${each}`, each === colour);
}
