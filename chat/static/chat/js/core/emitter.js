/**
 * Typed callbacks by name. Listeners are called in the order they came; one that throws is reported and does
 * not stop the others, for a broken badge must not stop a message.
 *
 * @template {Record<string, any[]>} Events Event name to the arguments of its listeners.
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(...args: any[]) => void>>} */
  #listeners = new Map();

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...args: Events[Name]) => void} listener
   * @param {AbortSignal} [signal] takes it away as well
   * @returns {() => void} takes the listener away again
   */
  on(name, listener, signal) {
    const listeners = this.#listeners.get(name) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(name, listeners);
    const off = () => void listeners.delete(listener);
    signal?.addEventListener("abort", off);
    return off;
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} args
   */
  emit(name, ...args) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
