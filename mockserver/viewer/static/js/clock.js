// The account's clock in the header, with its controls.
import { put } from "./dom.js";
import { dateTime, duration, parseDuration, plural, wire } from "./format.js";
import { waiting } from "./journal.js";

const STEPS = { "advance-5m": 300_000, "advance-1h": 3_600_000, "advance-1d": 86_400_000 };

export class ClockPanel {
  /** root is the menu, button opens it. */
  constructor({ root, button, api, clocks, journal, say, busy }) {
    Object.assign(this, { root, button, api, clocks, journal, say, busy });
    this.time = button.querySelector("#clock-now");
    [this.date, this.clock] = this.time.children;
    this.mode = button.querySelector("#clock-mode");
    this.about = root.querySelector("#clock-about");
    this.freeze = root.querySelector("button[name=freeze]");
    this.rate = root.querySelector("select[name=rate]");
    this.by = root.querySelector("input[name=by]");
    for (const [name, ms] of Object.entries(STEPS)) {
      root.querySelector(`button[name=${name}]`).addEventListener("click", (event) => this.advance(ms, event.currentTarget));
    }
    root.querySelector("button[name=advance-next]").addEventListener("click", (event) => this.advanceNext(event.currentTarget));
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#free(event.submitter);
    });
    this.by.addEventListener("input", () => this.by.setCustomValidity(""));
    this.freeze.addEventListener("click", () =>
      this.#change({ frozen: this.root.dataset.frozen !== "true" }, this.freeze));
    this.rate.addEventListener("change", () => this.#change({ rate: Number(this.rate.value) }, this.rate));
    setInterval(() => document.hidden || this.render(), 250);
  }

  render() {
    const { now, rate, frozen, count } = this.clocks.summary(this.api.account);
    for (const element of [this.root, this.button]) element.dataset.frozen = String(Boolean(frozen));
    const [date, time] = count ? [`${count}`, "clocks"] : dateTime(now).split(" ");
    put(this.date, date);
    put(this.clock, time);
    this.time.dateTime = count ? "" : new Date(now).toISOString();
    put(this.mode, frozen ? "frozen" : rate && rate !== 1 ? `${rate}×` : "");
    put(this.about, count ? "The accounts' clocks differ. Advancing moves each of them; select an account to see its time." :
      `${this.api.account ? `Clock of ${this.api.account}` : "Clock of all accounts"}: retries and timers follow it, not the wall clock.`);
    put(this.freeze, frozen ? "Unfreeze" : "Freeze");
    if (document.activeElement !== this.rate) {
      this.rate.value = String(rate);
      if (this.rate.selectedIndex < 0) this.rate.value = ""; // custom rate, or several
    }
  }

  /** advance advances the clock of the selected account, or all clocks. */
  advance(ms, button, account) {
    return this.busy(button, async () => {
      const result = await this.api.advance(wire(ms), account);
      this.say(`Advanced ${duration(ms)}` + (result?.settled >= 0 ? `, ${plural(result.settled, "step")} settled` : ""));
    });
  }

  /** advanceTo advances a row's account to its next step. */
  advanceTo(row, button) {
    return this.busy(button, async () => {
      const { now } = await this.api.clock(row.account); // the local time is an estimate and may be too early
      const ms = Math.max(0, Date.parse(row.due) - Date.parse(now));
      const result = await this.api.advance(wire(ms + 1), row.account);
      this.say(`Advanced ${duration(ms)}` + (result?.settled >= 0 ? `, ${plural(result.settled, "step")} settled` : ""));
    });
  }

  /** advanceNext advances to the next delivery or step of a run. */
  advanceNext(button) {
    const ahead = [...this.journal.rows.values()].filter((row) => row.due && waiting(row));
    const left = (row) => Date.parse(row.due) - this.clocks.now(row.account);
    if (ahead.length) return this.advanceTo(ahead.reduce((next, row) => (left(row) < left(next) ? row : next)), button);
    this.say("Nothing pending: play a scenario first");
    return undefined;
  }

  #free(button) {
    const ms = parseDuration(this.by.value);
    if (ms > 0) {
      this.advance(ms, button);
      return;
    }
    this.by.setCustomValidity("Enter a duration such as 90s, 5 min, 2h30m or 7d.");
    this.by.reportValidity();
  }

  #change(change, control) {
    return this.busy(control, async () => {
      const { account } = this.api;
      this.clocks.set(account, await this.api.setClock(change));
    });
  }
}
