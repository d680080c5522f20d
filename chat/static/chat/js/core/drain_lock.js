/**
 * One tab of several empties the outbox. The tab in which something is written takes the lock over: it is the one
 * in front of the user, and a tab in the background has its timers slowed down or is frozen altogether.
 *
 * Two drainers for a moment do no harm to anything but the order, for every message goes out under its own id.
 *
 * @typedef {object} DrainLock
 * @property {boolean} held
 * @property {(onChange: () => void) => void} request Waits for the lock; `onChange` whenever it is gained or lost.
 * @property {() => void} take Takes it over from whoever has it.
 */

import { newId } from "./ids.js";

const LEASE_MS = 6_000;
const RENEW_MS = 2_000;

/** For a client that shares its outbox with nobody. @returns {DrainLock} */
export const soleDrainer = () => ({ held: true, request: () => {}, take: () => {} });

/** @param {string} name @param {LockManager} locks @returns {DrainLock} */
export function webLock(name, locks) {
  let onChange = () => {};
  /** @type {AbortController | null} our place in the line, while we wait */
  let waiting = null;
  const lock = { held: false, request, take };

  /** @param {() => void} callback */
  function request(callback) {
    onChange = callback;
    wait();
  }

  function wait() {
    waiting = new AbortController();
    hold({ signal: waiting.signal });
  }

  function take() {
    if (lock.held) return;
    waiting?.abort();
    hold({ steal: true });
  }

  /** @param {LockOptions} options */
  function hold(options) {
    let isHolding = false;
    const untilTaken = () => {
      isHolding = true;
      set(true);
      return new Promise(() => {}); // until the tab is closed, or another one takes the lock over
    };
    locks.request(name, options, untilTaken).catch(() => {
      if (!isHolding) return; // our own abort, above
      set(false);
      wait(); // for the day the other tab is closed
    });
  }

  /** @param {boolean} held */
  function set(held) {
    lock.held = held;
    onChange();
  }

  return lock;
}

/**
 * Without Web Locks (plain http on a local network): a lease in localStorage, renewed while the tab runs.
 *
 * @param {string} name
 * @param {{getItem: (key: string) => string | null, setItem: (key: string, value: string) => void}} storage
 * @param {import("./clock.js").Clock} clock
 * @returns {DrainLock}
 */
export function leaseLock(name, storage, clock) {
  const me = newId();
  let onChange = () => {};
  const lock = { held: false, request, take };

  const write = () => storage.setItem(name, JSON.stringify({ owner: me, until: clock.now() + LEASE_MS }));

  function refresh() {
    const lease = JSON.parse(storage.getItem(name) ?? "{}");
    const free = !lease.owner || lease.owner === me || lease.until <= clock.now();
    if (free) write();
    if (free !== lock.held) {
      lock.held = free;
      onChange();
    }
  }

  /** @param {() => void} callback */
  function request(callback) {
    onChange = callback;
    renew();
  }

  function renew() {
    refresh();
    clock.setTimeout(renew, RENEW_MS);
  }

  function take() {
    write();
    refresh();
  }

  return lock;
}
