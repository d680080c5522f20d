/**
 * Which addresses this page can show by itself: conversations, and messages in them.
 *
 * @typedef {{cid: string, seq: number | null}} Place
 */

/**
 * @param {URL} address
 * @param {import("../ui/page.js").Boot} boot
 * @returns {Place | null} null when it is something else, or asks for more than a place
 */
export function placeOf(address, { urls }) {
  const asksMore = [...address.searchParams.keys()].some((name) => name !== "filter");
  if (address.origin !== location.origin || asksMore) return null;
  const [, cid, seq] = match(urls.permalink, address.pathname) ?? match(urls.conversation, address.pathname) ?? [];
  return cid ? { cid: decodeURIComponent(cid), seq: seq ? Number(seq) : null } : null;
}

/** @param {string} pattern with {cid}, and maybe {seq} after it @param {string} path */
const match = (pattern, path) => path.match(`^${pattern.replace("{cid}", "([^/]+)").replace("{seq}", "([0-9]+)")}$`);
