/**
 * The outbox on disk, shared by the tabs of a browser: what this tab puts there, what it finds, and what another tab
 * has taken away.
 *
 * @typedef {import("./outbox.js").Item} Item
 * @typedef {import("./outbox_storage.js").OutboxStorage} OutboxStorage
 */

export class Shelf {
  #storage;
  #onChange;
  /** @type {Set<string>} ids known to lie there: when one is gone, another tab is done with it */
  #kept = new Set();
  /** @type {Set<string>} ids being deleted: a read that began before must not bring them back */
  #leaving = new Set();

  /** @param {OutboxStorage} storage @param {(id: string) => void} onChange after each change that the other tabs can see */
  constructor(storage, onChange) {
    this.#storage = storage;
    this.#onChange = onChange;
  }

  /** @param {Item} item */
  async put(item) {
    if (await this.#write(item.id, () => this.#storage.put(asFound(item)))) this.#kept.add(item.id);
  }

  /** @param {string} id */
  async delete(id) {
    this.#kept.delete(id);
    this.#leaving.add(id);
    if (await this.#write(id, () => this.#storage.delete(id))) this.#leaving.delete(id);
  }

  /** @returns {Promise<{items: Item[], gone: string[]} | null>} null when it cannot be read */
  async read() {
    try {
      // What is put while this reads may or may not be found: it is not gone.
      const known = [...this.#kept];
      const items = (await this.#storage.all()).filter((item) => !this.#leaving.has(item.id));
      const ids = new Set(items.map((item) => item.id));
      const gone = known.filter((id) => !ids.has(id));
      for (const id of gone) this.#kept.delete(id);
      for (const id of ids) this.#kept.add(id);
      return { items, gone };
    } catch (error) {
      console.warn("The outbox could not be read:", error);
      return null;
    }
  }

  /** @param {string} id @param {() => Promise<void>} write @returns {Promise<boolean>} */
  async #write(id, write) {
    try {
      await write();
      this.#onChange(id);
      return true;
    } catch (error) {
      // A full or broken disk must not stop the sending, it only takes the net away.
      console.warn("The outbox could not be stored:", error);
      return false;
    }
  }
}

/** The item as it is for whoever finds it after a crash of this page. @param {Item} item @returns {Item} */
function asFound(item) {
  if (item.draft.uploads) {
    // Files die with their page; the words do not.
    return { ...item, draft: { ...item.draft, attachments: undefined }, state: "failed", error: "files_lost" };
  }
  // What was on its way is to be sent again.
  return { ...item, state: item.state === "sending" ? "queued" : item.state };
}
