// The live list, newest first. New rows are put on top, changed rows are changed in place; the
// page holds a window of the newest rows and "older" widens it, so 10,000 rows stay quick.
import { put } from "./dom.js";
import { plural } from "./format.js";
import { waiting } from "./journal.js";
import { buildRow, fillRow, tick } from "./row.js";

const WINDOW = 300;
const ALWAYS = new Set(["gap", "rule-error"]); // never filtered away: they change what the rest means

export class List {
  #items = new Map(); // row key → list item
  #filter = "all"; // all | delivery | call
  #limit = WINDOW;
  #selected = null;

  constructor({ root, older, count, journal, clocks, open, advance }) {
    Object.assign(this, { root, older, count, journal, clocks });
    root.addEventListener("click", (event) => {
      const row = event.target.closest("li")?.row;
      const name = event.target.closest("button")?.name;
      if (row && name === "open") open(row);
      if (row && name === "advance-to") advance(row, event.target);
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    older.addEventListener("click", () => {
      this.#limit += WINDOW;
      this.rebuild();
    });
    setInterval(() => document.hidden || this.#tick(), 500);
  }

  filter(kind) {
    this.#filter = kind;
    this.#limit = WINDOW;
    this.rebuild();
  }

  /** select marks the row whose details are shown. */
  select(row) {
    this.#mark(this.#selected, null);
    this.#selected = row;
    this.#mark(row, "true");
  }

  /** focus puts the keyboard back on a row. */
  focus(row) {
    this.#items.get(row?.key)?.querySelector("button.open")?.focus();
  }

  update({ changed, removed }) {
    for (const row of removed) this.#drop(row);
    if (removed.size && !this.root.firstElementChild) return this.rebuild();
    const fresh = [];
    for (const row of changed) {
      const item = this.#items.get(row.key);
      if (item) this.#fill(item);
      else if (this.#wanted(row) && row.seq > this.#newest()) fresh.push(row);
    }
    fresh.sort((a, b) => b.seq - a.seq);
    this.root.prepend(...fresh.slice(0, this.#limit).map((row) => this.#make(row)));
    while (this.root.children.length > this.#limit) this.#drop(this.root.lastElementChild.row);
    this.#total();
  }

  /** rebuild makes the window from scratch: after a filter changed or the journal was cleared. */
  rebuild() {
    const rows = [...this.journal.rows.values()].filter((row) => this.#wanted(row)).slice(-this.#limit).reverse();
    this.#items.clear();
    this.root.replaceChildren(...rows.map((row) => this.#make(row)));
    this.#total();
  }

  #wanted(row) {
    return this.#filter === "all" || row.type === this.#filter || ALWAYS.has(row.kind);
  }

  #newest() {
    return this.root.firstElementChild?.row.seq ?? 0;
  }

  #make(row) {
    const item = buildRow(row);
    this.#items.set(row.key, item);
    this.#fill(item);
    if (row === this.#selected) this.#mark(row, "true");
    return item;
  }

  #fill(item) {
    const { account, run } = item.row;
    fillRow(item, this.journal.run(account, run), this.clocks.now(account));
  }

  #drop(row) {
    this.#items.get(row.key)?.remove();
    this.#items.delete(row.key);
  }

  #mark(row, value) {
    const item = this.#items.get(row?.key);
    if (!item) return;
    item.toggleAttribute("data-selected", value !== null);
    const button = item.querySelector("button.open");
    if (value) button?.setAttribute("aria-current", value);
    else button?.removeAttribute("aria-current");
  }

  #tick() {
    for (const item of this.root.children) if (waiting(item.row)) tick(item, this.clocks.now(item.row.account));
  }

  #total() {
    const { delivery, call, note } = this.journal.counts;
    const total = { all: delivery + call + note, delivery, call }[this.#filter];
    this.older.hidden = total <= this.root.children.length;
    put(this.count, `${plural(delivery, "delivery", "deliveries")} · ${plural(call, "call")}`);
  }

  // Arrow keys walk the rows.
  #move(event) {
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!next) return;
    let item = event.target.closest("li")?.[next];
    while (item && !item.querySelector("button.open")) item = item[next];
    if (!item) return;
    event.preventDefault();
    item.querySelector("button.open").focus();
  }
}
