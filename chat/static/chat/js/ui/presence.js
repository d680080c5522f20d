/**
 * Whether the other one is there: words and a state for the dot, in the header of a direct conversation.
 *
 * @typedef {import("../core/frames.js").Presence} Presence
 */

const REFRESH_MS = 60_000;

/**
 * @param {HTMLElement} place `#status`, with the other's name in data-user
 * @param {object} parts
 * @param {import("../core/client.js").Client} parts.client
 * @param {import("./text.js").Words} parts.words
 * @param {import("./times.js").Times} parts.times
 * @param {AbortSignal} parts.signal
 */
export function showPresence(place, { client, words, times, signal }) {
  const user = place.dataset.user ?? "";
  const withoutNews = place.textContent ?? "";
  /** @type {Presence | null} */
  let known = null;

  function draw() {
    // Never seen is what is told of somebody who hides, too: of them nothing is said.
    if (!known || (known.state === "offline" && !known.last_seen)) {
      delete place.dataset.state;
      place.textContent = withoutNews;
      return;
    }
    const { state, last_seen: lastSeen } = known;
    place.dataset.state = state;
    if (state === "offline" && lastSeen) {
      place.textContent = words.say("presence_last_seen", { when: times.ago(lastSeen) });
    } else {
      place.textContent = words.say(`presence_${state}`);
    }
  }

  const learn = (/** @type {Presence | null} */ presence) => {
    known = presence;
    draw();
  };
  client.on("presence", (presence) => presence.user === user && learn(presence), signal);
  client.connection.on("lost", () => learn(null), signal); // who cannot hear cannot know
  client.watchPresence([user]);
  const refreshing = setInterval(draw, REFRESH_MS);
  signal.addEventListener("abort", () => {
    clearInterval(refreshing);
    learn(null);
  });
}
