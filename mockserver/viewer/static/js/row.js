// One row of the list, created once and updated in place to preserve focus and selection.
import { h, put, set } from "./dom.js";
import { address, clockTime, countdown, cut, dateTime, duration, plural } from "./format.js";
import { waiting } from "./journal.js";
import { statusInWords } from "./words.js";

/** buildRow creates the list item of a row; fillRow updates it. Times are the account's if all rows are of one account. */
export function buildRow(row, ofAccount) {
  const at = ofAccount ? row.at : row.wall;
  const parts = {
    badge: h("span", { class: "badge" }),
    open: h("button", { type: "button", class: "open", name: "open" }),
    sub: h("span", { class: "sub" }),
    head: h("span", { class: "head" }), tail: h("span", { class: "tail" }),
    outcome: h("span", { class: "outcome" }),
    tries: h("span", { class: "tries" }),
    due: h("span", { class: "due" }),
    time: h("time", { class: "time", datetime: at, title: `${dateTime(row.at)} account time\n${dateTime(row.wall)} wall time`, text: clockTime(at) }),
  };
  parts.target = h("span", { class: "target mono" }, parts.head, parts.tail);
  const note = row.type === "note";
  if (note) parts.more = h("button", { type: "button", class: "link", name: "more", hidden: true });
  else {
    parts.release = h("button", { type: "button", class: "small", name: "release", text: "Release", title: "Release the webhook; it is sent when it is due", hidden: true });
    parts.advance = h("button", { type: "button", class: "small", name: "advance-to", text: "Advance", title: "Advance the account's clock to this row's next step" });
  }
  const item = h("li", { class: `row ${row.type}` },
    parts.badge,
    h("div", { class: "what" }, note ? h("span", { class: "text" }) : parts.open, parts.sub, parts.more),
    ...(note ? [] : [parts.target, parts.outcome, h("div", { class: "next" }, parts.tries, parts.due, parts.advance, parts.release)]),
    parts.time);
  Object.assign(item, { row, parts });
  return item;
}

/** fillRow updates a list item. run is the row's run, if known; outcome its {name, label, verdict}. */
export function fillRow(item, { run, outcome, now }) {
  const { row } = item;
  ({ delivery: fillDelivery, call: fillCall, note: fillNote, check: fillCheck })[row.type](item, row, run);
  if (row.type === "note") return;
  const { parts } = item;
  set(item, "data-", { outcome: outcome?.name });
  set(parts.outcome, "data-", { verdict: outcome?.verdict });
  put(parts.outcome, outcome?.label ?? "");
  tick(item, now);
}

function target(parts, text, full = text) {
  const [head, tail] = cut(text);
  put(parts.head, head);
  put(parts.tail, tail);
  parts.target.title = full;
}

const subject = (row, run) => [run?.subject, row.provider, row.account, run?.reference ?? row.run].filter((part) => typeof part === "string" && part).join(" · ");

function fillDelivery(item, row, run) {
  const { parts } = item;
  const last = row.attempts.at(-1);
  set(item, "data-", {
    delivery: row.id, status: row.status, event: row.event, provider: row.provider, account: row.account,
    run: row.run, endpoint: row.endpoint, attempts: row.attempts.length, last: last && outcome(last),
  });
  put(parts.badge, statusInWords(row.status));
  put(parts.open, row.event ?? "(unknown event)");
  put(parts.sub, subject(row, run));
  target(parts, address(row.url) || "no endpoint", row.url);
  const tries = row.attempts.length || row.tried; // the attempts may have been dropped from the journal
  const played = row.fault ?? last?.fault;
  put(parts.tries, [tries ? plural(tries, "attempt") : waiting(row) || row.status === "held" ? "not sent yet" : "not sent", last && outcome(last), played && `fault: ${[played].flat().join(", ")}`].filter(Boolean).join(" · "));
}

function fillCall(item, row, run) {
  const { parts } = item, { call } = row;
  const family = String(call.status ?? "")[0];
  set(item, "data-", {
    call: row.id, status: call.status, family, operation: call.operation, provider: call.provider,
    account: row.account, run: call.run, scenario: call.scenario,
  });
  put(parts.badge, call.status);
  put(parts.open, call.operation ?? "(no operation)");
  put(parts.sub, subject({ ...row, run: call.run, provider: call.provider }, run));
  target(parts, `${call.method} ${call.path}`);
  put(parts.tries, call.error?.message ?? [call.scenario, call.fault && `fault: ${[call.fault].flat().join(", ")}`].filter((part) => typeof part === "string").join(" · "));
}

function fillCheck(item, row) {
  const { parts } = item, { data } = row;
  set(item, "data-", { check: row.id, status: row.status, provider: row.provider, account: row.account, done: row.done });
  put(parts.badge, statusInWords(row.status));
  put(parts.open, `Conformance checks: ${data.kind ?? "…"}`);
  put(parts.sub, [row.provider, row.account].filter(Boolean).join(" · "));
  target(parts, address(row.url), row.url);
  const failed = data.counts?.fail ?? [...row.results.values()].filter(({ verdict }) => verdict === "fail").length;
  put(parts.tries, [row.status === "running" ? `${row.done} of ${row.total}` : plural(row.done, "check"), failed && `${failed} failed`].filter(Boolean).join(" · "));
}

function fillNote(item, row) {
  const { parts } = item;
  set(item, "data-", { note: row.kind, account: row.account, missed: row.kind === "gap" && row.data.missed });
  put(parts.badge, row.kind);
  put(item.querySelector(".text"), noteText(row.kind, row.data));
  put(parts.sub, row.account);
}

const GROUPED = new Set(["clock", "account"]); // notes that are shown once for several in a row

/** group hides quiet notes that follow one of their kind, and counts them on the first. */
export function group(items) {
  let first = null, more = 0;
  const end = () => {
    if (!first) return;
    first.parts.more.hidden = !more;
    if (more) put(first.parts.more, first.expanded ? `hide ${more} earlier` : `${more} earlier`);
  };
  for (const item of items) {
    const { row } = item;
    if (!GROUPED.has(row.kind)) {
      end();
      first = null;
      continue;
    }
    if (first?.row.kind === row.kind) {
      more++;
      item.hidden = !first.expanded;
      item.parts.more.hidden = true;
      continue;
    }
    end();
    [first, more] = [item, 0];
    item.hidden = false;
  }
  end();
}

/** tick updates a row's countdown; now is its account's time in ms. */
export function tick(item, now) {
  const { row, parts } = item, ahead = waiting(row) && row.due;
  item.toggleAttribute("data-ahead", Boolean(ahead));
  put(parts.due, ahead ? countdown(Date.parse(row.due) - now) : row.call ? duration(row.call.duration_ms) : "");
  parts.advance.hidden = !ahead;
  parts.release.hidden = row.status !== "held";
}

/** outcome returns an attempt's result: the response status, or the class of its failure. */
export function outcome(attempt) {
  return attempt.response?.status ?? attempt.class ?? "sent";
}

function noteText(kind, data) {
  switch (kind) {
    case "gap":
      return `${data.at_most ? "At most " : ""}${plural(data.missed, "entry", "entries")} dropped before this page could read ${data.missed === 1 ? "it" : "them"}`;
    case "clock":
      return [data.advanced_by_ms && `advanced by ${duration(data.advanced_by_ms)}`, data.frozen ? "frozen" : data.rate !== 1 && `${data.rate}×`,
        `now ${dateTime(data.now)}`].filter(Boolean).join(", ");
    case "endpoint":
      return `${data.provider}: ${data.url} ${data.removed ? "removed" : "registered"} (${data.source})`;
    case "armed":
      return `${data.provider}: ${data.scenario} armed` + (data.subject ? ` for ${data.subject}` : "") + (data.remaining ? `, ${plural(data.remaining, "request")} left` : "");
    case "scenarios":
      return data.mistakes ? `${data.source}: rejected: ${data.mistakes}` :
        `${data.source}: ` + [data.given?.length && `${data.given.join(", ")} loaded`, data.gone?.length && `${data.gone.join(", ")} removed`].filter(Boolean).join(", ");
    case "retention":
      return `${plural(data.dropped, "finished run or webhook", "finished runs and webhooks")} dropped (${data.total} in total): keep more with --finished-runs`;
    case "rule-error":
      return `${data.scenario}, ${data.rule}: ${data.message}`;
    case "expect":
      return `${data.pass ? "met" : "missed"}: expected ${show(data.want)}, got ${show(data.got)}`;
    case "fault":
      return `${data.fault ?? "all faults"} ${data.removed ? "removed" : "added"}` + ["provider", "event", "operation", "endpoint", "delivery"].filter((name) => data[name]).map((name) => `, ${data[name]}`).join("");
    case "hold":
      return `webhooks ${data.released ? "released" : "held"}: ${["provider", "event", "endpoint"].map((name) => data[name]).filter(Boolean).join(", ") || "all"}`;
    case "wallet":
      return `${data.provider}: ` + (data.removed ? "wallet removed" : `${data.operation ? `${-data.amount} paid for ${data.operation}` : "wallet filled"}, balance ${data.balance} ${data.currency}`);
    case "simulate":
      return `${data.name} simulated${data.run ? ` on ${data.run}` : ""}`;
    case "account":
      return "opened" + (Number.isSafeInteger(data.seed) ? `, seed ${data.seed}` : ""); // omit a rounded one
    case "reset":
      return "account reset";
    default:
      return show(data);
  }
}

/** show formats any value on one line. */
export function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}
