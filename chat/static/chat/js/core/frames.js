/**
 * The shapes of im.v1's frames, as types only (PROTOCOL §4). Fields a client does not know are ignored.
 *
 * @typedef {{type: string, id?: string, [field: string]: any}} Frame
 *
 * @typedef {object} Message
 * @property {string} conversation
 * @property {number} seq
 * @property {number} version
 * @property {string} id
 * @property {string} sender
 * @property {string} [receiver]
 * @property {string} kind
 * @property {string} content
 * @property {number} timestamp Unix ms.
 * @property {number} [edited_at]
 * @property {number} [recalled_at]
 * @property {number} [reply_to]
 * @property {Attachment[]} [attachments]
 * @property {string[]} [mentions]
 * @property {Record<string, string[]>} [reactions]
 * @property {Record<string, any>} [payload]
 * @property {string} [html] Rendered and sanitised by the server.
 * @property {number} [pinned_at] It is pinned, since then.
 * @property {boolean} [silent] Nobody is to be notified of it.
 *
 * @typedef {object} Attachment A file of a message.
 * @property {string} id
 * @property {string} kind image or file
 * @property {string} name
 * @property {string} type
 * @property {number} size Bytes.
 * @property {number} [width] Pixels, of an image.
 * @property {number} [height]
 * @property {boolean} [animated]
 * @property {string} [alt]
 * @property {string} url
 * @property {string} [thumbnail]
 *
 * @typedef {object} Conversation
 * @property {string} conversation
 * @property {"direct" | "group" | "channel"} kind
 * @property {string} title
 * @property {string} [avatar]
 * @property {number} last_seq
 * @property {number} version
 * @property {number} read_seq
 * @property {number} unread
 * @property {boolean} muted
 * @property {boolean} pinned
 * @property {boolean} archived
 * @property {string} role
 * @property {Message} [last_message]
 * @property {Record<string, [number, number]>} [receipts] username: [received_seq, read_seq].
 * @property {boolean} [left]
 * @property {boolean} [reset]
 * @property {string} [description]
 * @property {{send: string, add: string, edit: string, pin: string}} [permissions] Each: everybody, admins or owner.
 * @property {number} [join_requests] How many wait, for who can answer.
 *
 * @typedef {object} Ack
 * @property {string} id
 * @property {string} conversation
 * @property {number} seq
 * @property {number} version
 * @property {number} timestamp
 *
 * @typedef {object} ErrorFrame
 * @property {string} [id]
 * @property {string} code
 * @property {string} detail
 * @property {number} [retry_after] Seconds.
 * @property {number} [close] The close code that follows, where the transport has none of its own.
 *
 * @typedef {object} LoginReply What a poll does not tell is missing there.
 * @property {string} [id]
 * @property {{username: string, name: string, avatar: string | null}} [user]
 * @property {string} [session]
 * @property {string} epoch
 * @property {{interval: number, timeout: number}} heartbeat Seconds.
 * @property {{frame_bytes: number, content_chars: number}} [limits]
 * @property {number} timestamp
 *
 * @typedef {object} Receipt
 * @property {string} conversation
 * @property {string} user
 * @property {number} [read_seq]
 * @property {number} [received_seq]
 *
 * @typedef {object} SyncReply
 * @property {string} id
 * @property {Conversation[]} conversations
 * @property {Message[]} messages
 * @property {Record<string, number>} cursors
 * @property {boolean} more
 *
 * @typedef {object} Presence
 * @property {string} user
 * @property {"online" | "away" | "offline"} state
 * @property {number} [last_seen]
 */

export {};
