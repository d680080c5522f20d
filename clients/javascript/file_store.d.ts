import type { Client } from "./types/client.js";
import type { ClientOptions } from "./types/options.js";
import type { OutboxStorage } from "./types/outbox_storage.js";

export class FileStore {
  constructor(directory: string);
  get known(): Pick<ClientOptions, "cursors" | "epoch" | "conversations">;
  get outbox(): OutboxStorage;
  follow(client: Client): void;
  save(): void;
}
