// What time it is in each account, worked out between the moments the server tells us.
// Entries carry account time and wall time together, so every entry sets its account's clock.

export class Clocks {
  #accounts = new Map(); // account → {at, wall, rate, frozen}, times in ms; rate and frozen once they are told
  #skew = 0; // the server's wall clock minus ours, ms

  /** sync takes the server's wall time as of now. */
  sync(wall) {
    const theirs = Date.parse(wall);
    if (!Number.isNaN(theirs)) this.#skew = theirs - Date.now();
  }

  /** observe learns from an entry. */
  observe({ account, at, wall, kind, data }) {
    if (kind === "gap") return; // stands for others, and may have no time
    const clock = this.#clock(account);
    Object.assign(clock, { at: Date.parse(at), wall: Date.parse(wall) });
    if (kind !== "clock") return;
    Object.assign(clock, { at: Date.parse(data.now), rate: data.rate, frozen: Boolean(data.frozen) });
  }

  /** set takes a state that the control API has just answered with. */
  set(account, { now, rate = 1, frozen = false }) {
    Object.assign(this.#clock(account), { at: Date.parse(now), wall: this.wall(), rate, frozen });
  }

  clear() { this.#accounts.clear(); }
  wall() { return Date.now() + this.#skew; }

  /** now is the account's time in ms; one that nobody mentioned yet has the clock that accounts start with, "". */
  now(account) {
    const clock = this.#state(account);
    if (clock.at === undefined) return this.wall();
    return clock.frozen ? clock.at : clock.at + Math.max(0, this.wall() - clock.wall) * clock.rate; // never backwards
  }

  /** summary is {now, rate, frozen} of one account, or of all when they agree; otherwise {count}. */
  summary(account) {
    const all = [...this.#accounts.keys()].filter(Boolean);
    const states = (account || !all.length ? [account] : all).map((name) => {
      const { rate = 1, frozen = false } = this.#state(name);
      return { now: this.now(name), rate, frozen };
    });
    const [first, ...others] = states;
    const agree = others.every((other) =>
      other.rate === first.rate && other.frozen === first.frozen && Math.abs(other.now - first.now) < 1500);
    return agree ? first : { count: states.length, frozen: states.every((state) => state.frozen) };
  }

  // state is what is known of an account's clock. What nobody has told of it yet, perhaps because its entries were here
  // before the server's answer, is as of the one that accounts start with.
  #state(account) {
    return { rate: 1, ...this.#accounts.get(""), ...this.#accounts.get(account) };
  }

  #clock(account) {
    if (!this.#accounts.has(account)) this.#accounts.set(account, { at: this.wall(), wall: this.wall() });
    return this.#accounts.get(account);
  }
}
