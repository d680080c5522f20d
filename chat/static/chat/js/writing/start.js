/**
 * What writing a message has beyond the box, loaded as one when the page is idle.
 *
 * @typedef {import("../ui/conversation.js").Parts & import("../ui/conversation.js").View} View
 */

/** @param {View} _view every listener on anything that outlives the conversation ends with its `signal` */
export function startWriting(_view) {}
