// The actions on a row.
import { again } from "./again.js";
import { copy } from "./clipboard.js";
import { waiting } from "./journal.js";
import { fileWindow } from "./save.js";
import { sourceOf, sourceWindow } from "./source.js";

export class Acts {
  constructor({ api, journal, directory, filter, advance, register, say, busy }) {
    Object.assign(this, { api, journal, directory, filter, advance, register, say, busy });
    this.copy = this.copy.bind(this);
  }

  /** offered lists the available actions as [name, label, act(row, button), rank]: primary, more (in the menu) or none. */
  offered(row) {
    const sent = row.type === "delivery" && !["unroutable", "dropped"].includes(row.status) && row.attempts.length > 0;
    const failed = ["exhausted", "retrying"].includes(row.status);
    return [
      sent && ["resend", "Resend", (row, button) => this.resend(row, button), failed && "primary"],
      waiting(row) && row.due && ["advance-to", row.type === "call" ? "Advance to next step" : "Advance to next attempt", (row, button) => this.advance(row, button), !failed && "primary"],
      row.status === "held" && ["release", "Release", (row, button) => this.release(row, button), "primary"],
      sent && ["edit", "Edit and resend", (row, button) => this.edit(row, button)],
      waiting(row) && row.type === "delivery" && ["hold", "Hold", (row, button) => this.hold(row, button)],
      ...this.#simulations(row),
      sourceOf(row, this.journal.run(row.account, row.run), this.directory) && ["source", "Show scenario", (row, button) => this.source(row, button), "more"],
      row.run && ["save", "Save as scenario", (row, button) => this.save(row, button), "more"],
      row.run && ["only-run", "Filter by run", (row) => this.filter.set({ run: row.run }), "more"],
      ["copy-link", "Copy link", (row, button) => this.copy(location.href, button), "more"],
    ].filter(Boolean);
  }

  resend(row, button) {
    return this.busy(button, async () => {
      await this.api.resend(row.id, row.account);
      this.say(`${row.event} resent`);
    });
  }

  hold(row, button) {
    return this.busy(button, async () => {
      await this.api.hold(row.id, row.account);
      this.say(`${row.event} held`);
    });
  }

  release(row, button) {
    return this.busy(button, async () => {
      await this.api.release(row.id, row.account);
      this.say(`${row.event} released`);
    });
  }

  /** edit opens the last request for editing. */
  edit(row, button) {
    return this.busy(button, async () => {
      const { editAndResend } = await again(() => import("./resend.js"));
      editAndResend(row, { api: this.api, done: (text) => this.say(text) });
    });
  }

  /** save shows the scenario file that reproduces this run. */
  save(row, button) {
    return this.busy(button, async () => {
      const run = this.journal.run(row.account, row.run);
      fileWindow(await this.api.record(run?.reference ?? row.run, row.provider, row.account), this.copy);
    });
  }

  /** source shows the file of a row's scenario at its rule. */
  source(row, button) {
    return this.busy(button, async () => {
      const found = sourceOf(row, this.journal.run(row.account, row.run), this.directory);
      if (!found) throw new Error("No scenario for this row");
      sourceWindow(await this.api.source(row.provider, found.name, row.account), { provider: row.provider, ...found }, this.copy);
    });
  }

  // Simulations with a rule in the run's scenario.
  #simulations(row) {
    const run = this.journal.run(row.account, row.run);
    const names = this.directory.scenario(row.provider, run?.scenario)?.simulate ?? [];
    return names.map((name) => ["simulate-" + name, `Simulate ${name}`, (row, button) => this.busy(button, async () => {
      const { played } = await this.api.simulate({ name, provider: row.provider, run: run.reference ?? run.id }, row.account);
      this.say(played ? `${name} simulated` : `${name}: no matching rule in this run`);
    })]);
  }

  /** copy copies text and reports it. */
  copy(text, button) {
    return this.busy(button, async () => {
      await copy(text);
      this.say("Copied");
    });
  }
}
