/** A clock that only moves when told to, with the timers of everything that was handed it. */
export class FakeClock {
  #now = 1_700_000_000_000;
  #timers = new Map();
  #nextHandle = 1;
  /** What `random()` answers; 1 makes every backoff as long as it can be. */
  randomValue = 1;

  now = () => this.#now;
  random = () => this.randomValue;

  setTimeout = (callback, delayMs) => {
    const handle = this.#nextHandle++;
    this.#timers.set(handle, { at: this.#now + Math.max(0, delayMs), callback });
    return handle;
  };

  clearTimeout = (handle) => void this.#timers.delete(handle);

  get armed() {
    return this.#timers.size;
  }

  /** Lets time pass, running what falls due in order, with everything that each callback promised. */
  async advance(ms) {
    const end = this.#now + ms;
    await settled(); // what was promised before may arm timers that fall due now
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
      await settled();
    }
    this.#now = end;
  }

  /** The laptop's lid was shut: the time is another, and no timer ran meanwhile. */
  sleep(ms) {
    this.#now += ms;
  }
}

/** When every promise that can be kept without time passing is kept. */
export const settled = async () => {
  // Two turns of the loop: an import() takes one of its own.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
