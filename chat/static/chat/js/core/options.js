/**
 * What a client and its connection are made of, as types only.
 *
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {import("./codec_json.js").Codec} Codec
 * @typedef {import("./drain_lock.js").DrainLock} DrainLock
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./outbox_storage.js").OutboxStorage} OutboxStorage
 * @typedef {import("./rest.js").Fetch} Fetch
 * @typedef {import("./transport_websocket.js").OpenTransport} OpenTransport
 *
 * @typedef {object} ClientOptions
 * @property {string} url Of the socket.
 * @property {string} me The username.
 * @property {{id: string, platform: string, name?: string, network?: string}} device
 * @property {string} [token] Where no session cookie speaks for the user.
 * @property {boolean} [html] Ask for rendered content.
 * @property {Record<string, number>} [cursors]
 * @property {string} [epoch] The store in which they count.
 * @property {Conversation[]} [conversations] What is known already.
 * @property {PollFallback} [poll] For networks that let no socket through. Without it, there is only the socket.
 * @property {OpenTransport} [openTransport] A socket of another make than the platform's own `WebSocket`.
 * @property {Clock} [clock]
 * @property {OutboxStorage} [storage] Where unsent messages survive; memory without it.
 * @property {DrainLock} [lock] Where several clients share one storage.
 * @property {() => boolean} [isOnline] What the device thinks of its network.
 *
 * @typedef {object} PollFallback
 * @property {string} url Of the REST API, with a slash at its end: `https://chat.example.org/api/v1/`.
 * @property {() => Record<string, string>} [headers] Beside the token: a CSRF token, where a cookie speaks for the user.
 * @property {() => boolean} [isHidden] Whether nobody is looking: then it is polled every 30 s, and not held.
 * @property {boolean} [first] Begin with it, for the socket is known not to work here; it is tried all the same.
 * @property {Fetch} [fetch] Another one than the platform's own.
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url
 * @property {OpenTransport} openTransport
 * @property {{url: string, open: OpenTransport, first?: boolean}} [poll]
 * @property {Codec} codec
 * @property {Clock} clock
 * @property {() => Frame} makeLogin Called for each attempt, for the cursors in it grow.
 * @property {() => boolean} [isOnline]
 */

export {};
