/**
 * Who is mentioned in a text, as the server finds them when it draws it (chat/markup/mentions.py).
 */

/** As many as a message may carry. */
const MENTIONS_MAX = 100;
/** Who calls everybody waits no longer for the question; as long as for an acknowledgement. */
const WAIT_MS = 10_000;
const BEFORE = "(?<![A-Za-z0-9_.+-])@";
const AFTER = "(?![-+@.]?[A-Za-z0-9_])";
const EVERYONE = new RegExp(`${BEFORE}all${AFTER}`, "i");
/** A name that was typed out: the server drops who is no member. What ends a sentence ends a name. */
const TYPED = new RegExp(`${BEFORE}([A-Za-z0-9](?:[A-Za-z0-9_.+@-]*[A-Za-z0-9_])?)`, "g");

/** @param {string} content */
export const mentionsEveryone = (content) => EVERYONE.test(content);

/** Done, failed, or too late. @param {Promise<unknown>} work */
export const inTime = (work) => Promise.race([work.catch(() => {}), new Promise((late) => setTimeout(late, WAIT_MS))]);

/**
 * For what is sent before the part that knows the members is there: a name that is typed out is a mention all the same,
 * and everybody is called only by what asks before.
 *
 * @param {string} kind of the conversation
 * @param {() => Promise<unknown>} load what takes this one's place
 * @returns {import("./composer.js").Helper}
 */
export const firstHelper = (kind, load) => ({
  ask: (content) => (kind !== "direct" && mentionsEveryone(content) ? inTime(load()).then(() => true) : null),
  describe: (content) => describeMentions(namesIn(content, [])),
});

/** @param {string[]} mentions */
export const describeMentions = (mentions) => (mentions.length > 0 ? { mentions } : {});

/**
 * @param {string} content
 * @param {string[]} known usernames; Chinese has no spaces, so that only these tell where a name ends
 * @returns {string[]} in the order in which they stand in the text
 */
export function namesIn(content, known) {
  if (!content.includes("@")) return [];
  /** @type {{at: number, name: string}[]} */
  const found = [];
  const spelled = new Map(known.map((name) => [name.toLowerCase(), name]));
  const longestFirst = [...known].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.+]/g, "\\$&"));
  if (longestFirst.length > 0) {
    for (const match of content.matchAll(new RegExp(`${BEFORE}(${longestFirst.join("|")})${AFTER}`, "gi"))) {
      found.push({ at: match.index, name: spelled.get(match[1].toLowerCase()) ?? match[1] });
    }
  }
  const taken = new Set(found.map(({ at }) => at));
  for (const match of content.matchAll(TYPED)) {
    if (!taken.has(match.index)) found.push({ at: match.index, name: match[1] });
  }
  found.sort((a, b) => a.at - b.at);
  return [...new Set(found.map(({ name }) => name))].slice(0, MENTIONS_MAX);
}
