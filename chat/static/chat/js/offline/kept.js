/**
 * What this browser keeps of its user's chat, in IndexedDB: the list, and the end of the conversations that were opened
 * last, as they were drawn. One user's at a time.
 *
 * @typedef {object} KeptList
 * @property {"list"} id
 * @property {number} at Unix ms.
 * @property {string} theme
 * @property {string} face The picture of the user, as markup.
 * @property {string} rows Markup.
 * @property {import("../ui/page.js").Boot} boot What the page started from, brought up to date.
 *
 * @typedef {object} KeptConversation
 * @property {string} id
 * @property {number} at Unix ms.
 * @property {string} title Of the page.
 * @property {string} head Markup, as that of the rows.
 * @property {string} rows
 * @property {string | null} placeholder Of the message box; null where the user may not write.
 * @property {import("../core/frames.js").Conversation} conversation
 * @property {Record<string, import("../ui/page.js").Person>} people
 */

const DATABASE = "kept";
const LIST = "list";
const CONVERSATIONS = "conversations";

/** What somebody goes back to on a train. With 256 KiB for each, it is 5 MiB at most. */
export const CONVERSATIONS_MAX = 20;

export class Kept {
  #database;
  /** False from the moment in which somebody takes everything away: nothing may be put back after that. */
  isOpen = true;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
    database.onversionchange = () => {
      this.isOpen = false;
      database.close();
    };
  }

  /** @returns {Promise<Kept>} */
  static open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(LIST, { keyPath: "id" });
        request.result.createObjectStore(CONVERSATIONS, { keyPath: "id" }).createIndex("at", "at");
      };
      request.onsuccess = () => resolve(new Kept(request.result));
      request.onerror = () => reject(request.error);
    });
  }

  /** @returns {Promise<KeptList | undefined>} */
  list() {
    return this.#read(LIST, "list");
  }

  /** @param {string} id @returns {Promise<KeptConversation | undefined>} */
  conversation(id) {
    return this.#read(CONVERSATIONS, id);
  }

  /** @param {KeptList} list */
  putList(list) {
    return this.#write(LIST, (store) => store.put(list));
  }

  /** The newest stay. @param {KeptConversation} conversation */
  putConversation(conversation) {
    return this.#write(CONVERSATIONS, (store) => {
      store.put(conversation);
      let count = 0;
      const newestFirst = store.index("at").openKeyCursor(null, "prev");
      newestFirst.onsuccess = () => {
        const cursor = newestFirst.result;
        if (!cursor) return;
        count += 1;
        if (count > CONVERSATIONS_MAX) store.delete(cursor.primaryKey);
        cursor.continue();
      };
    });
  }

  /** @param {string} id */
  dropConversation(id) {
    return this.#write(CONVERSATIONS, (store) => store.delete(id));
  }

  /** @param {string} name @param {string} id @returns {Promise<any>} */
  #read(name, id) {
    return new Promise((resolve, reject) => {
      const request = this.#database.transaction(name).objectStore(name).get(id);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  /** @param {string} name @param {(store: IDBObjectStore) => void} write @returns {Promise<void>} */
  #write(name, write) {
    if (!this.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(name, "readwrite");
      write(transaction.objectStore(name));
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

/**
 * Takes everything away: what is kept of the user, the shell, and the worker that would show it. Tabs that keep
 * something still are told by the browser (`versionchange`) and stop.
 */
export async function forgetKept() {
  if (globalThis.indexedDB) await deleted(indexedDB.deleteDatabase(DATABASE));
  if (!globalThis.caches) return;
  const names = (await caches.keys()).filter((name) => name.startsWith("shell:"));
  await Promise.all(names.map((name) => caches.delete(name)));
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
}

/** @param {IDBOpenDBRequest} request */
const deleted = (request) =>
  new Promise((resolve) => {
    // Blocked by a tab that is being closed: it is deleted when that is gone.
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
