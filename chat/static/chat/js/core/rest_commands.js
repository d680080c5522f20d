/**
 * How a frame is said by REST: the same fields, the same ids, the same rules (PROTOCOL §7).
 *
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {{method: string, path: string, body: object}} Command
 */

/** @param {string} conversation */
const pathOf = (conversation) => `conversations/${encodeURIComponent(conversation)}/`;

/** @type {Record<string, (frame: Frame) => Command>} */
const COMMANDS = {
  message: ({ type: _type, receiver: _receiver, conversation, ...body }) => ({
    method: "POST",
    path: `${pathOf(conversation)}messages/`,
    body,
  }),
  edit: (frame) => change("PATCH", frame, "", { content: frame.content }),
  recall: (frame) => change("DELETE", frame, ""),
  react: (frame) => change(frame.remove ? "DELETE" : "PUT", frame, `reactions/${encodeURIComponent(frame.emoji)}/`),
  read: (frame) => mark(frame),
  unread: (frame) => mark(frame),
  received: (frame) => mark(frame),
};

/** @param {string} method @param {Frame} frame @param {string} rest of the path @param {object} [fields] @returns {Command} */
const change = (method, frame, rest, fields = {}) => ({
  method,
  path: `${pathOf(frame.conversation)}messages/${frame.seq}/${rest}`,
  body: { id: frame.id, ...fields },
});

/** @param {Frame} frame @returns {Command} */
const mark = (frame) => ({
  method: "POST",
  path: `${pathOf(frame.conversation)}${frame.type}/`,
  body: { seq: frame.seq },
});

/** A message to a person goes into the direct conversation with them, which this finds or makes. @param {string} receiver @returns {Command} */
export const directConversation = (receiver) => ({
  method: "POST",
  path: "conversations/",
  body: { kind: "direct", username: receiver },
});

/** @param {Frame} frame of one of the types above @returns {Command} */
export const commandOf = (frame) => COMMANDS[frame.type](frame);
