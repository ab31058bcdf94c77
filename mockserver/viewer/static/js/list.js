// The live list, newest first. New rows are added at the top, changed rows updated in place. It renders a window of the newest
// matching rows and extends it when scrolled to the end, so that 10,000 rows stay fast. While paused, it counts new rows.
import { put } from "./dom.js";
import { plural } from "./format.js";
import { waiting } from "./journal.js";
import { buildRow, fillRow, group, tick } from "./row.js";

const WINDOW = 60; // initial rows: they determine the cost of a frame
const MORE = 300; // rows per extension

export class List {
  #items = new Map(); // row key → list item
  #limit = WINDOW;
  #selected = null;
  #more = false; // older matching rows exist
  #waiting = null; // keys of rows that arrived while paused; null: not paused

  constructor({ root, older, count, pause, journal, directory, clocks, filter, account, open, advance, release }) {
    Object.assign(this, { root, older, count, pause, journal, directory, clocks, filter, account });
    root.addEventListener("click", (event) => {
      const row = event.target.closest("li")?.row;
      const name = event.target.closest("button")?.name;
      if (row && name === "open") open(row);
      if (row && name === "advance-to") advance(row, event.target);
      if (row && name === "release") release(row, event.target);
      if (row && name === "more") this.#expand(event.target.closest("li"));
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    older.addEventListener("click", () => this.#widen());
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#widen(), { rootMargin: "0px 0px 600px" }).observe(older);
    pause.addEventListener("click", () => this.hold(!this.#waiting));
    setInterval(() => document.hidden || this.#tick(), 500);
  }

  /** refilter evaluates all rows again. */
  refilter() {
    this.#limit = WINDOW;
    this.rebuild();
  }

  /** hold pauses or resumes the list. */
  hold(yes) {
    this.#waiting = yes ? new Set() : null;
    this.pause.setAttribute("aria-pressed", String(yes));
    if (!yes) this.rebuild();
    this.#total();
  }

  get held() { return this.#waiting !== null; }

  /** select marks the row with open details. */
  select(row) {
    this.#mark(this.#selected, null);
    this.#selected = row;
    this.#mark(row, "true");
  }

  /** focus focuses a row. */
  focus(row) {
    this.#items.get(row?.key)?.querySelector("button.open")?.focus();
  }

  update({ changed, removed }) {
    for (const row of removed) {
      this.#drop(row);
      this.#waiting?.delete(row.key);
    }
    if (removed.size && !this.root.firstElementChild && !this.#waiting) return this.rebuild();
    const fresh = [];
    for (const row of changed) {
      const item = this.#items.get(row.key);
      if (item && this.#wanted(row)) this.#fill(item);
      else if (item && row !== this.#selected) this.#drop(row); // no longer matches; the selected row stays
      else if (item) this.#fill(item);
      else if (!this.#wanted(row)) continue;
      else if (this.#waiting) this.#waiting.add(row.key);
      else if (row.seq > this.#newest()) fresh.push(row);
      else this.#insert(row);
    }
    fresh.sort((a, b) => b.seq - a.seq);
    this.root.prepend(...fresh.slice(0, this.#limit).map((row) => this.#make(row)));
    while (this.root.children.length > this.#limit) {
      this.#drop(this.root.lastElementChild.row);
      this.#more = true;
    }
    this.#total();
  }

  /** rebuild renders the window anew, after the filter changed or the journal was cleared. */
  rebuild() {
    const all = [...this.journal.rows.values()], rows = [];
    let i = all.length;
    while (i > 0 && rows.length < this.#limit) {
      const row = all[--i];
      if (!this.#waiting?.has(row.key) && this.#wanted(row)) rows.push(row);
    }
    this.#more = i > 0 && all.slice(0, i).some((row) => this.#wanted(row));
    const before = this.#items;
    this.#items = new Map();
    this.root.replaceChildren(...rows.map((row) => this.#keep(before.get(row.key)) ?? this.#make(row)));
    this.#total();
  }

  #wanted(row) {
    return this.filter.match(row, this.journal.run(row.account, row.run));
  }

  // insert adds a newly matching older row at its position.
  #insert(row) {
    const below = [...this.root.children].find((item) => item.row.seq < row.seq);
    if (below) below.before(this.#make(row));
    else if (this.root.children.length < this.#limit && !this.#more) this.root.append(this.#make(row));
    else this.#more = true;
  }

  #widen() {
    if (!this.#more) return;
    this.#limit += MORE;
    this.rebuild();
  }

  // keep reuses an item to preserve focus and selection.
  #keep(item) {
    if (!item) return null;
    this.#items.set(item.row.key, item);
    this.#fill(item);
    return item;
  }

  #newest() {
    return this.root.firstElementChild?.row.seq ?? 0;
  }

  #make(row) {
    const item = buildRow(row, Boolean(this.account()));
    this.#items.set(row.key, item);
    this.#fill(item);
    if (row === this.#selected) this.#mark(row, "true");
    return item;
  }

  #fill(item) {
    const { account, run } = item.row;
    const known = this.journal.run(account, run);
    fillRow(item, { run: known, outcome: this.directory.outcome(known), now: this.clocks.now(account) });
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

  #expand(item) {
    item.expanded = !item.expanded;
    group(this.root.children);
  }

  #total() {
    group(this.root.children);
    const { delivery, call } = this.journal.counts;
    this.older.hidden = !this.#more;
    put(this.count, `${plural(delivery, "delivery", "deliveries")} · ${plural(call, "request")}`);
    put(this.pause, this.#waiting ? `Resume (${this.#waiting.size.toLocaleString("en")} new)` : "Pause");
  }

  /** move focuses the next (1) or previous (-1) row. */
  move(by) {
    const at = document.activeElement?.closest("#rows > li") ?? this.#items.get(this.#selected?.key);
    let item = at ? (by > 0 ? at.nextElementSibling : at.previousElementSibling) : this.root.firstElementChild;
    while (item && !item.querySelector("button.open")) item = by > 0 ? item.nextElementSibling : item.previousElementSibling;
    item?.querySelector("button.open").focus();
  }

  // Arrow keys move between rows.
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
