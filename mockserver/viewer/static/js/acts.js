// What a reader can do with a row, and how it is done.
import { copy } from "./clipboard.js";
import { waiting } from "./journal.js";

export class Acts {
  constructor({ api, journal, filter, advance, say, busy }) {
    Object.assign(this, { api, journal, filter, advance, say, busy });
    this.copy = this.copy.bind(this);
  }

  /** offered lists what makes sense for a row, as [name, label, act(row, button)]. */
  offered(row) {
    const sent = row.type === "delivery" && row.status !== "unroutable";
    return [
      waiting(row) && row.due && ["advance-to", "Advance to it", (row, button) => this.advance(row, button)],
      sent && ["resend", "Resend", (row, button) => this.resend(row, button)],
      row.run && ["only-run", "Only this run", (row) => this.filter.set({ run: row.run })],
      ["copy-link", "Copy link", (row, button) => this.copy(location.href, button)],
    ].filter(Boolean);
  }

  resend(row, button) {
    return this.busy(button, async () => {
      await this.api.resend(row.id, row.account);
      this.say(`${row.event} is sent again`);
    });
  }

  /** copy puts text on the clipboard and says so. */
  copy(text, button) {
    return this.busy(button, async () => {
      await copy(text);
      this.say("Copied");
    });
  }
}
