/**
 * Who of the members in the panel is there: a dot before the name, and a word for who does not see it. Asked in one frame
 * for all of them; who hides is not seen, and sees nobody.
 */

/** @typedef {import("../ui/conversation.js").Parts & import("../ui/conversation.js").View} View */

/** @param {View} view @returns {() => void} to be called when the panel was drawn anew */
export function showMembersPresence({ client, words, signal }) {
  /** @type {Map<string, string>} */
  const states = new Map();
  let asked = "";

  function draw() {
    for (const name of names()) {
      const state = states.get(name.dataset.user ?? "") ?? "offline";
      if (name.dataset.state === state) continue;
      name.dataset.state = state;
      name.querySelector(".vh")?.remove();
      if (state === "offline") continue;
      const word = document.createElement("span");
      word.className = "vh";
      word.textContent = ` ${words.say(`presence_${state}`)}`;
      name.append(word);
    }
  }

  function follow() {
    const users = names().map((name) => name.dataset.user ?? "");
    if (users.length > 0 && users.join(" ") !== asked) client.watchPresence(users);
    asked = users.join(" ");
    draw();
  }

  const onPresence = (/** @type {import("../core/frames.js").Presence} */ { user, state }) => {
    states.set(user, state);
    draw();
  };
  const forget = () => {
    states.clear();
    draw();
  };
  client.on("presence", onPresence, signal);
  client.connection.on("lost", forget, signal); // who cannot hear cannot know
  follow();
  return follow;
}

/** @returns {HTMLElement[]} the members that the panel shows; none where there is no room for it */
function names() {
  const panel = document.getElementById("info");
  if (!panel?.checkVisibility()) return [];
  return [.../** @type {NodeListOf<HTMLElement>} */ (panel.querySelectorAll("li [data-user]"))];
}
