/**
 * For Node: what a client keeps in a directory, so that it goes on where it was. Unsent messages are on disk before
 * anything is said of them; what is known of the conversations follows a moment later.
 *
 * Its types are in file_store.d.ts.
 */

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** A burst of frames is written down once. */
const SAVE_AFTER_MS = 100;

export class FileStore {
  #outboxPath;
  #knownPath;
  #client = null;
  #timer = null;

  /** The directory is of one user on one server; it is made if it is not there. */
  constructor(directory) {
    this.#outboxPath = join(directory, "outbox");
    this.#knownPath = join(directory, "known.json");
    fs.mkdirSync(this.#outboxPath, { recursive: true });
  }

  /** Where the last client was, as options for the next one. */
  get known() {
    return fs.existsSync(this.#knownPath) ? JSON.parse(fs.readFileSync(this.#knownPath, "utf8")) : {};
  }

  get outbox() {
    const path = (id) => join(this.#outboxPath, createHash("sha256").update(id).digest("hex"));
    return {
      all: async () => {
        const names = fs.readdirSync(this.#outboxPath).filter((name) => !name.endsWith(".new"));
        return names.map((name) => JSON.parse(fs.readFileSync(join(this.#outboxPath, name), "utf8")));
      },
      // Not a step of these is left to the event loop, so a message that is done is not put back by a slower write.
      put: async (item) => write(path(item.id), item),
      delete: async (id) => fs.rmSync(path(id), { force: true }),
    };
  }

  /** Writes down where this client is, a moment after each change. */
  follow(client) {
    this.#client = client;
    const later = () => {
      this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS);
    };
    client.connection.on("frame", later);
    client.on("login", later);
  }

  /** Now: before the program ends. */
  save() {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#client) return;
    const { store, sync } = this.#client;
    const conversations = store.ids().map((id) => store.conversation(id));
    write(this.#knownPath, { epoch: sync.epoch, cursors: sync.cursors(), conversations });
  }
}

/** All of it or nothing, whatever happens meanwhile. */
function write(path, value) {
  const file = fs.openSync(`${path}.new`, "w");
  try {
    fs.writeFileSync(file, JSON.stringify(value));
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
  fs.renameSync(`${path}.new`, path);
}
