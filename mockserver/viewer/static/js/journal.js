// Folds journal entries into rows (deliveries, calls, notes) and their runs. Does not use the DOM. The sequence number ensures
// that each entry counts once.

export const MAX_ROWS = 10_000;
const RELATED = 100; // rows and changes per run
const OPEN = new Set(["planned", "retrying", "held"]);

export class Journal {
  constructor(limit = MAX_ROWS) {
    this.limit = limit;
    this.clear();
  }

  /** clear removes everything and restarts at the beginning. */
  clear() {
    this.last = 0; // sequence number of the newest entry, to resume from
    this.rows = new Map(); // key → row, oldest first
    this.runs = new Map(); // key → run
    this.endpoints = new Map(); // key → endpoint data
    this.counts = { delivery: 0, call: 0, note: 0, check: 0 };
    this.changed = new Set();
    this.removed = new Set();
    this.attempted = false; // true after the first attempt
    this.seen = { provider: new Set(), event: new Set(), endpoint: new Set() }; // values to filter by
    this.dropped = 0; // rows evicted by the limit
    this.missed = 0; // entries that the server dropped before this page received them
  }

  /** apply folds entries in order, skips known ones and returns the number of new ones. */
  apply(entries) {
    let fresh = 0;
    for (const entry of entries) {
      if (entry.seq <= this.last) continue;
      this.last = entry.seq;
      fresh++;
      const fold = Object.hasOwn(folds, entry.kind) ? folds[entry.kind] : note;
      fold(this, entry, entry.data ?? {});
    }
    return fresh;
  }

  /** drain returns the rows changed or removed since the last call. */
  drain() {
    const { changed, removed } = this;
    this.changed = new Set();
    this.removed = new Set();
    return { changed, removed };
  }

  run(account, id) {
    return id ? this.runs.get(key(account, id)) : undefined;
  }

  row(type, account, id) {
    return this.rows.get(type + " " + key(account, id));
  }

  /** upsert finds or creates a row. Beyond the limit, it evicts the oldest finished row. */
  upsert(type, entry, id, make) {
    const name = type + " " + key(entry.account, id);
    let row = this.rows.get(name);
    if (!row) {
      row = { type, key: name, id, account: entry.account, seq: entry.seq, at: entry.at, wall: entry.wall, ...make };
      this.rows.set(name, row);
      this.counts[type]++;
      if (this.rows.size > this.limit) this.#evict();
    }
    this.changed.add(row);
    return row;
  }

  /** forget removes an account's rows, as the server does. */
  forget(account) {
    for (const row of this.rows.values()) if (row.account === account) this.#drop(row);
    for (const map of [this.runs, this.endpoints]) {
      for (const [name, value] of map) if (value.account === account) map.delete(name);
    }
  }

  #drop(row) {
    this.rows.delete(row.key);
    this.counts[row.type]--;
    this.changed.delete(row);
    this.removed.add(row);
  }

  #evict() {
    let victim, looked = 0;
    for (const row of this.rows.values()) {
      victim ??= row;
      if (!OPEN.has(row.status)) {
        victim = row;
        break;
      }
      if (++looked === 64) break; // nearly all rows are open: evict the oldest
    }
    this.#drop(victim);
    this.dropped++;
  }

  /** schedule stores the next step of a run's timeline on the call that started it. */
  schedule(run, next) {
    run.next = next;
    const row = run.rows.find((other) => other.type === "call");
    if (row && this.rows.get(row.key) === row) {
      row.due = next;
      this.changed.add(row);
    }
  }

  /** runOf finds or creates an entry's run and links the row to it. */
  runOf(entry, id, row) {
    if (!id) return undefined;
    const name = key(entry.account, id);
    let run = this.runs.get(name);
    if (!run) {
      run = { id, account: entry.account, changes: [], rows: [] };
      this.runs.set(name, run);
      if (this.runs.size > this.limit) this.runs.delete(this.runs.keys().next().value);
    }
    if (run.next && entry.at >= run.next) this.schedule(run, undefined); // already reached
    if (row && !run.rows.includes(row)) {
      run.rows.push(row);
      if (run.rows.length > RELATED) run.rows.shift();
    }
    return run;
  }
}

const KNOWN = 200; // filter values per kind

// see collects a row's values for the filter.
function see(journal, row) {
  const { provider, event, endpoint } = journal.seen;
  if (row.provider && provider.size < KNOWN) provider.add(row.provider);
  const name = row.event ?? row.call?.operation;
  if (name && event.size < KNOWN) event.add(name);
  if (row.url && endpoint.size < KNOWN) endpoint.add(row.url);
}

const key = (account, id) => JSON.stringify([account, id]);

const delivery = (journal, entry, data) => {
  const row = journal.upsert("delivery", entry, data.delivery, { status: "planned", attempts: [], expects: [], holds: [] });
  for (const name of ["provider", "event", "run", "scenario", "rule", "endpoint", "url", "manual", "fault"]) {
    if (data[name] !== undefined) row[name] = data[name];
  }
  journal.runOf(entry, data.run, row);
  return row;
};

const note = (journal, entry, data) =>
  journal.upsert("note", entry, entry.seq, { kind: entry.kind, data, status: entry.kind });

// check finds or creates the row of a conformance run.
const check = (journal, entry, id) =>
  journal.upsert("check", entry, id, { status: "running", data: {}, results: new Map(), done: 0, total: 0 });

const folds = {
  event(journal, entry, data) {
    const row = delivery(journal, entry, data);
    Object.assign(row, { status: "planned", due: data.due, first: data.due, planned: entry.seq });
    see(journal, row);
  },
  attempt(journal, entry, data) {
    const row = delivery(journal, entry, data);
    journal.attempted = true;
    row.attempts.push({ ...data, at: entry.at, wall: entry.wall, seq: entry.seq });
    row.due = data.next;
    row.status = data.accepted ? "delivered" : data.next ? "retrying" : "exhausted";
  },
  delivery(journal, entry, data) {
    const row = delivery(journal, entry, data);
    Object.assign(row, { status: data.outcome, due: undefined, tried: data.attempts, ended: entry.at });
    see(journal, row);
  },
  hold(journal, entry, data) {
    if (!data.delivery) return note(journal, entry, data);
    const row = delivery(journal, entry, data);
    row.status = !data.released ? "held" : row.attempts.length ? "retrying" : "planned";
    row.holds.push({ ...data, seq: entry.seq, at: entry.at, wall: entry.wall });
  },
  expect(journal, entry, data) {
    const row = data.delivery && journal.row("delivery", entry.account, data.delivery);
    if (!row) return note(journal, entry, data);
    row.expects.push({ ...data, seq: entry.seq, at: entry.at, wall: entry.wall });
    journal.changed.add(row);
  },
  call(journal, entry, data) {
    const row = journal.upsert("call", entry, data.id ?? entry.seq, {});
    row.call = data;
    for (const name of ["provider", "run", "scenario", "rule", "status"]) row[name] = data[name];
    journal.runOf(entry, data.run, row);
    see(journal, row);
  },
  run(journal, entry, data) {
    const run = journal.runOf(entry, data.run);
    if (!run) return;
    for (const name of ["provider", "operation", "scenario", "subject", "reference", "state"]) {
      if (data[name] !== undefined) run[name] = data[name];
    }
    journal.schedule(run, data.next);
    run.changes.push({ seq: entry.seq, at: entry.at, wall: entry.wall, before: data.before, state: data.state, cause: data.cause });
    if (run.changes.length > RELATED) run.changes.shift();
    for (const row of run.rows) if (journal.rows.get(row.key) === row) journal.changed.add(row);
  },
  "check-run"(journal, entry, data) {
    const row = check(journal, entry, data.id);
    const state = data.state === "ended" ? ["passed", "failed", "untested"][data.code] : data.state === "failed" ? "error" : data.state;
    Object.assign(row, { data, status: state, provider: data.provider, url: data.url, done: data.done, total: data.total });
  },
  check(journal, entry, data) {
    const row = check(journal, entry, data.check_run);
    row.results.set(data.id, data);
    Object.assign(row, { done: data.done, total: data.total });
  },
  gap(journal, entry, data) {
    journal.missed += data.missed ?? 0;
    note(journal, entry, data);
  },
  endpoint(journal, entry, data) {
    const name = key(entry.account, data.id);
    if (data.removed) journal.endpoints.delete(name);
    else journal.endpoints.set(name, { ...data, account: entry.account });
    note(journal, entry, data);
  },
  reset(journal, entry, data) {
    journal.forget(data.account ?? entry.account);
    note(journal, entry, data);
  },
};

/** causeOf returns the call that triggered a delivery: the newest earlier one with the same rule, else the newest earlier one.
 *  A delivery planned by "play" alone has none. */
export function causeOf(journal, row) {
  const calls = journal.run(row.account, row.run)?.rows.filter((other) => other.type === "call") ?? [];
  const same = calls.filter((call) => row.rule && call.rule === row.rule);
  const from = same.length ? same : calls;
  return from.findLast((call) => call.seq < (row.planned ?? row.seq)) ?? from[0];
}

/** waiting reports whether a row has a pending attempt or step. */
export const waiting = (row) => row.type === "delivery" ? OPEN.has(row.status) && row.status !== "held" : Boolean(row.due);
