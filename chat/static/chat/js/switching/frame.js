/**
 * What of the page is another in another conversation: everything in the shell but the list, the way past it (`.skip`),
 * and the title. Taken out whole and put in whole; no markup is made here.
 *
 * @typedef {object} Frame
 * @property {string} page As `data-page` says it: a conversation, or the list alone.
 * @property {Element[]} parts
 * @property {Element} skip
 * @property {string} title Without the number of unread messages.
 */

const shell = () => /** @type {HTMLElement} */ (document.querySelector(".shell"));

/** What the page shows now. @returns {Frame} */
export const currentFrame = () => ({
  page: document.body.dataset.page ?? "",
  parts: [...shell().children].filter((each) => each.id !== "sidebar"),
  skip: /** @type {Element} */ (document.querySelector("body > .skip")),
  title: document.title.replace(/^\(\d+\) /, ""),
});

/** What the server answered. @param {Document} answer @returns {Frame} */
export const frameOf = (answer) => ({
  page: "conversation",
  parts: [...answer.querySelectorAll("#main, #info")].map((each) => document.adoptNode(each)),
  skip: document.adoptNode(/** @type {Element} */ (answer.querySelector(".skip"))),
  title: answer.title,
});

/** @param {Frame} before in the page @param {Frame} after to be there instead */
export function exchange(before, after) {
  for (const each of before.parts) each.remove();
  if (after.page !== before.page) frameList(after.page === "list");
  shell().append(...after.parts);
  before.skip.replaceWith(after.skip);
  document.body.dataset.page = after.page;
}

/** The list alone lies in the main landmark of its page; beside a conversation it does not. @param {boolean} isMain */
function frameList(isMain) {
  const fresh = document.createElement(isMain ? "main" : "div");
  const old = shell();
  fresh.className = old.className;
  if (isMain) fresh.id = "main";
  fresh.append(...old.children);
  old.replaceWith(fresh);
  document.querySelector("#list-scroller > h1")?.toggleAttribute("hidden", !isMain);
}
