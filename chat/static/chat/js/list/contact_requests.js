/**
 * How many people wait to become contacts: the number at the way to them, kept true while the page is open. The server
 * says when it changes; over long poll, which does not bring that, it is asked now and then.
 */

const ASK_EVERY_MS = 60_000;

/**
 * @param {HTMLElement} link with both addresses and, when somebody waits, a badge
 * @param {object} parts
 * @param {import("../ui/page.js").Boot} parts.boot
 * @param {import("../core/client.js").Client} parts.client
 * @param {import("../ui/text.js").Words} parts.words
 */
export function followContactRequests(link, { boot, client, words }) {
  const badge = link.querySelector(".badge") ?? makeBadge();

  async function ask() {
    try {
      const answer = await fetch(`${boot.api}contact-requests/`, { headers: { Accept: "application/json" } });
      if (answer.ok) show((await answer.json()).results.length);
    } catch {
      // Offline: the number says what it said.
    }
  }

  /** @param {number} count */
  function show(count) {
    badge.textContent = String(count);
    if (count) link.append(badge);
    else badge.remove();
    link.ariaLabel = count ? words.say("contacts_waiting", { count }) : link.title;
    const { contacts = "", requests = "" } = link.dataset;
    link.setAttribute("href", count ? requests : contacts);
  }

  client.on("contactRequests", () => void ask());
  client.on("login", () => void ask()); // what was said meanwhile is not said again
  setInterval(() => {
    if (client.state === "polling" && document.visibilityState === "visible") void ask();
  }, ASK_EVERY_MS);
  void ask(); // what came since the page was drawn
}

function makeBadge() {
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.ariaHidden = "true";
  return badge;
}
