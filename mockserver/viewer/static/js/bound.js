// Displays how far back the journal goes, and the number of dropped entries.
import { put } from "./dom.js";
import { plural } from "./format.js";
import { MAX_ROWS } from "./journal.js";

export class Bound {
  #gone = 0;

  constructor({ root, journal }) {
    Object.assign(this, { root, journal });
  }

  hello({ evicted = 0 }) {
    this.#gone = evicted;
  }

  render() {
    const gone = Math.max(this.#gone, this.journal.missed);
    const parts = [`${plural(this.journal.rows.size, "row")} of at most ${MAX_ROWS.toLocaleString("en")}`];
    if (gone) parts.push(`${plural(gone, "older entry", "older entries")} dropped by the server`);
    if (this.journal.dropped) parts.push(`${plural(this.journal.dropped, "older row")} not shown`);
    put(this.root, parts.join(" · "));
    this.root.dataset.gone = gone;
  }
}
