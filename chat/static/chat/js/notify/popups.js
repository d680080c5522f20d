/**
 * The notifications that this tab shows: one for each conversation, closed when it was read anywhere.
 */

export class Popups {
  /** @type {Map<string, Notification | null>} by conversation; null: the service worker has it */
  #shown = new Map();
  #go;

  /** @param {(address: string) => void} go */
  constructor(go) {
    this.#go = go;
    void this.#findOlder();
  }

  /**
   * @param {string} conversation
   * @param {{title: string, body: string, icon: string, address: string}} words
   */
  async show(conversation, { title, body, icon, address }) {
    if (!globalThis.Notification || Notification.permission !== "granted") return;
    // The chat has a sound of its own, which the user chose or not.
    const options = { body, icon, tag: conversation, silent: true, data: { address } };
    try {
      const popup = new Notification(title, options);
      this.#shown.set(conversation, popup);
      popup.addEventListener("click", () => {
        globalThis.focus();
        popup.close();
        this.#go(address);
      });
    } catch {
      // Phones have them from the service worker only, which opens the page when it is tapped (chat/web/worker.js).
      this.#shown.set(conversation, null);
      await (await navigator.serviceWorker?.getRegistration())?.showNotification(title, options);
    }
  }

  /** @param {string} conversation */
  async close(conversation) {
    const popup = this.#shown.get(conversation);
    if (!this.#shown.delete(conversation)) return;
    popup?.close();
    if (popup === null) for (const each of await kept(conversation)) each.close();
  }

  /** Those of the service worker outlive the page that showed them. */
  async #findOlder() {
    for (const { tag } of await kept()) this.#shown.set(tag, null);
  }
}

/** @param {string} [tag] @returns {Promise<Notification[]>} what the service worker shows */
async function kept(tag) {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.getNotifications?.(tag ? { tag } : {})) ?? [];
}
