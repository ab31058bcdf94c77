// The accounts' clocks, extrapolated from the last known state. Every entry has account and wall time and updates its clock.

export class Clocks {
  #accounts = new Map(); // account → {at, wall, rate, frozen}, times in ms; rate and frozen once known
  #skew = 0; // the server's wall clock minus ours, ms

  /** sync sets the server's current wall time. */
  sync(wall) {
    const theirs = Date.parse(wall);
    if (!Number.isNaN(theirs)) this.#skew = theirs - Date.now();
  }

  /** observe updates a clock from an entry. */
  observe({ account, at, wall, kind, data }) {
    if (kind === "gap") return; // represents several entries, may have no time
    const clock = this.#clock(account);
    Object.assign(clock, { at: Date.parse(at), wall: Date.parse(wall) });
    if (kind !== "clock") return;
    Object.assign(clock, { at: Date.parse(data.now), rate: data.rate, frozen: Boolean(data.frozen) });
  }

  /** set applies a state from the control API. */
  set(account, { now, rate = 1, frozen = false }) {
    Object.assign(this.#clock(account), { at: Date.parse(now), wall: this.wall(), rate, frozen });
  }

  clear() { this.#accounts.clear(); }
  wall() { return Date.now() + this.#skew; }

  /** now returns the account's time in ms. Unknown accounts have the initial clock, "". */
  now(account) {
    const clock = this.#state(account);
    if (clock.at === undefined) return this.wall();
    return clock.frozen ? clock.at : clock.at + Math.max(0, this.wall() - clock.wall) * clock.rate; // never backwards
  }

  /** summary returns {now, rate, frozen} of one account, or of all if they are equal, else {count}. */
  summary(account) {
    const names = [...this.#accounts.keys()].filter(Boolean);
    const states = (account || !names.length ? [account] : names).map((name) => {
      const { rate = 1, frozen = false } = this.#state(name);
      return { now: this.now(name), rate, frozen };
    });
    const [first, ...others] = states;
    const agree = others.every((other) =>
      other.rate === first.rate && other.frozen === first.frozen && Math.abs(other.now - first.now) < 1500);
    return agree ? first : { count: states.length, frozen: states.every((state) => state.frozen) };
  }

  // state returns the known state of a clock. Values not known yet, because entries arrived before the server's response, are those
  // of the initial clock.
  #state(account) {
    return { rate: 1, ...this.#accounts.get(""), ...this.#accounts.get(account) };
  }

  #clock(account) {
    if (!this.#accounts.has(account)) this.#accounts.set(account, { at: this.wall(), wall: this.wall() });
    return this.#accounts.get(account);
  }
}
