/**
 * The notifications that this tab shows: one for each conversation, closed when it was read anywhere.
 */

export class Popups {
  /** @type {Map<string, Notification>} by conversation */
  #shown = new Map();
  #go;

  /** @param {(address: string) => void} go */
  constructor(go) {
    this.#go = go;
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
      await (await navigator.serviceWorker?.getRegistration())?.showNotification(title, options);
    }
  }

  /** @param {string} conversation */
  async close(conversation) {
    this.#shown.get(conversation)?.close();
    this.#shown.delete(conversation);
    const registration = await navigator.serviceWorker?.getRegistration();
    for (const popup of (await registration?.getNotifications({ tag: conversation })) ?? []) popup.close();
  }
}
