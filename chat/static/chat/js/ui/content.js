/**
 * Message text before and after the server rendered it.
 *
 * A row that waits for its ack shows its plain text in the shape the server gives to plain text (chat/markup): a
 * paragraph per blank line, a break per line. Only text in which the server might see markup has to be fetched after.
 */

// The same test as in chat/markup/rendering.py: anything that the parser might take for markup or a link.
const MARKUP = /[*_`[\\<]|~~|:\/\/|[a-z0-9]\.[a-z]|@[a-z0-9]|^[^\S\n]*(?:>|[-+](?:\s|$)|[0-9]{1,9}[.)](?:\s|$))/im;

const JUMBO_MAX = 3;

/** @param {string} content */
export const mayHaveMarkup = (content) => MARKUP.test(content);

/** Is it one to three emoji and nothing else? As chat/web/rows.py counts them. @param {string} content */
export function isJumbo(content) {
  let count = 0;
  let previous = 0;
  for (const character of content.trim()) {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (isWithin(code, 0x1f1e6, 0x1f1ff)) count += 0.5; // half a flag
    else if (isWithin(code, 0x2190, 0x2bff) || (isWithin(code, 0x1f000, 0x1faff) && !isSkinTone(code))) {
      count += previous === ZERO_WIDTH_JOINER ? 0 : 1;
    } else if (!isSkinTone(code) && code !== ZERO_WIDTH_JOINER && code !== 0xfe0f && !isWithin(code, 0xe0020, 0xe007f)) {
      return false;
    }
    previous = code;
  }
  return count > 0 && count <= JUMBO_MAX;
}

const ZERO_WIDTH_JOINER = 0x200d;

/** @param {number} code @param {number} first @param {number} last */
const isWithin = (code, first, last) => code >= first && code <= last;

/** @param {number} code */
const isSkinTone = (code) => isWithin(code, 0x1f3fb, 0x1f3ff);

/** @param {string} content @returns {DocumentFragment} */
export function plainBody(content) {
  const fragment = document.createDocumentFragment();
  for (const paragraph of content.trim().split(/\n[ \t]*\n/)) {
    if (!paragraph.trim()) continue;
    const p = document.createElement("p");
    paragraph.trim().split(/ *\n[ \t]*/).forEach((line, index) => {
      if (index > 0) p.append(document.createElement("br"));
      p.append(line);
    });
    fragment.append(p);
  }
  return fragment;
}

/** What the server rendered and sanitised, as nodes. @param {string} html @returns {DocumentFragment} */
export function renderedBody(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** One line of at most `limit` characters, never cut inside an emoji. @param {string} content @param {number} [limit] */
export function preview(content, limit = 100) {
  const line = content.slice(0, limit * 4).replace(/\s+/g, " ").trim();
  if (line.length <= limit) return line;
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter().segment(line)) {
    if (index + segment.length > limit - 1) break;
    end = index + segment.length;
  }
  return `${line.slice(0, end).trimEnd()}…`;
}
