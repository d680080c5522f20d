/**
 * Where the outbox keeps what is not sent yet: IndexedDB in a browser, memory where there is none.
 *
 * @typedef {object} Draft What the caller wants to send: to a conversation, or to a user by name.
 * @property {string} [conversation]
 * @property {string} [receiver]
 * @property {string} content
 * @property {string} [kind]
 * @property {number} [reply_to]
 * @property {string[]} [mentions]
 * @property {Record<string, any>} [payload]
 * @property {boolean} [silent] Nobody is to be notified of it.
 * @property {import("./frames.js").Attachment[]} [attachments] Files; goes out as their ids.
 * @property {string[]} [uploads] Set while some of them are still on their way: until then the message waits.
 *
 * `failed` waits for the user: its `error` is a code of the server's, `gave_up` after five tries, or `stale` when it
 * lay here for a day and should not go out unasked.
 * @typedef {"queued" | "sending" | "failed"} ItemState
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {number} order
 * @property {number} created_at Unix ms.
 * @property {Draft} draft
 * @property {ItemState} state
 * @property {number} tries Attempts that came to nothing since the user last asked for it.
 * @property {string} [error]
 * @property {string} [detail] The server's sentence for it.
 * @property {number} [held_until] Unix ms: until then it can be undone, so it does not go.
 *
 * @typedef {object} OutboxStorage
 * @property {() => Promise<Item[]>} all
 * @property {(item: Item) => Promise<void>} put
 * @property {(id: string) => Promise<void>} delete
 */

const STORE = "items";

/** One per user, so that nobody sends what another one wrote on a shared computer. @param {string} username */
export const outboxNameOf = (username) => `outbox:${username}`;

/**
 * @param {string} name of the database
 * @param {IDBFactory | undefined} [factory]
 * @returns {Promise<OutboxStorage>} in memory when the browser refuses (private windows do)
 */
export async function openOutboxStorage(name, factory = globalThis.indexedDB) {
  if (!factory) return memoryStorage();
  try {
    return indexedStorage(await openDatabase(factory, name));
  } catch (error) {
    console.warn("The outbox will not survive a reload:", error);
    return memoryStorage();
  }
}

/** @returns {OutboxStorage} */
export function memoryStorage() {
  /** @type {Map<string, Item>} */
  const items = new Map();
  return {
    all: async () => [...items.values()].map((item) => ({ ...item })),
    put: async (item) => void items.set(item.id, { ...item }),
    delete: async (id) => void items.delete(id),
  };
}

/** @param {IDBDatabase} database @returns {OutboxStorage} */
function indexedStorage(database) {
  /**
   * @template Result
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<Result>} run
   * @returns {Promise<Result>} when the transaction is complete: then, and not before, it survives a crash of the page
   */
  const transact = (mode, run) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = run(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });

  return {
    all: () => transact("readonly", (store) => store.getAll()),
    put: async (item) => void (await transact("readwrite", (store) => store.put(item))),
    delete: async (id) => void (await transact("readwrite", (store) => store.delete(id))),
  };
}

/** @param {IDBFactory} factory @param {string} name @returns {Promise<IDBDatabase>} */
function openDatabase(factory, name) {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => {
      // A sign-out in another tab deletes the database; holding on to it would block that.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
