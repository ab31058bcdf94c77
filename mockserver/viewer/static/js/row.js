// One line of the list: made once, then changed in place, so focus and selection survive.
import { h, put, set } from "./dom.js";
import { address, clockTime, countdown, dateTime, duration, plural } from "./format.js";
import { waiting } from "./journal.js";

/** buildRow makes the list item of a row; fillRow gives it its present content. */
export function buildRow(row) {
  const parts = {
    badge: h("span", { class: "badge" }),
    open: h("button", { type: "button", class: "open", name: "open" }),
    sub: h("span", { class: "sub" }),
    target: h("span", { class: "target mono" }),
    tries: h("span", { class: "tries" }),
    due: h("span", { class: "due" }),
    time: h("time", { class: "time", datetime: row.at, title: `${dateTime(row.at)}, account time`, text: clockTime(row.at) }),
  };
  if (row.type !== "note") {
    parts.release = h("button", { type: "button", class: "small", name: "release", text: "Release", title: "Let it go: at once if its time has passed", hidden: true });
    parts.advance = h("button", { type: "button", class: "small", name: "advance-to", text: "Advance", title: "Move the account's clock to what comes next here" });
  }
  const item = h("li", { class: `row ${row.type}` },
    parts.badge,
    h("div", { class: "what" }, row.type === "note" ? h("span", { class: "text" }) : parts.open, parts.sub),
    parts.target, parts.tries,
    h("div", { class: "next" }, parts.due, parts.advance, parts.release),
    parts.time);
  Object.assign(item, { row, parts });
  return item;
}

/** fillRow writes a row's state into its list item. run is the run it belongs to, if known. */
export function fillRow(item, run, now) {
  const { row } = item;
  ({ delivery: fillDelivery, call: fillCall, note: fillNote, check: fillCheck })[row.type](item, row, run);
  if (row.type !== "note") tick(item, now);
}

function fillDelivery(item, row, run) {
  const { parts } = item;
  const last = row.attempts.at(-1);
  set(item, "data-", {
    delivery: row.id, status: row.status, event: row.event, provider: row.provider, account: row.account,
    run: row.run, endpoint: row.endpoint, attempts: row.attempts.length, last: last && outcome(last),
  });
  put(parts.badge, row.status);
  put(parts.open, row.event ?? "(unknown event)");
  put(parts.sub, [row.provider, row.account, run?.reference ?? row.run].filter(Boolean).join(" · "));
  put(parts.target, address(row.url) || "no endpoint");
  const tries = row.attempts.length || row.tried; // the attempts themselves may be beyond what the journal kept
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
  put(parts.sub, [call.provider, row.account, run?.reference ?? call.run].filter(Boolean).join(" · "));
  put(parts.target, `${call.method} ${call.path}`);
  put(parts.tries, call.error?.message ?? [run?.state?.status, call.scenario, call.fault && `fault: ${[call.fault].flat().join(", ")}`].filter((part) => typeof part === "string").join(" · "));
}

function fillCheck(item, row) {
  const { parts } = item, { data } = row;
  set(item, "data-", { check: row.id, status: row.status, provider: row.provider, account: row.account, done: row.done });
  put(parts.badge, row.status);
  put(parts.open, `Check of a ${data.kind ?? "…"}`);
  put(parts.sub, [row.provider, row.account].filter(Boolean).join(" · "));
  put(parts.target, address(row.url));
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

/** tick brings a waiting row's countdown up to date; now is its account's time in ms. */
export function tick({ row, parts }, now) {
  const ahead = waiting(row) && row.due;
  put(parts.due, ahead ? countdown(Date.parse(row.due) - now) : row.call ? duration(row.call.duration_ms) : "");
  parts.advance.hidden = !ahead;
  parts.release.hidden = row.status !== "held";
}

/** outcome is what an attempt came to, in a word: the status it got, or the class of its failure. */
export function outcome(attempt) {
  return attempt.response?.status ?? attempt.class ?? "sent";
}

function noteText(kind, data) {
  switch (kind) {
    case "gap":
      return `${data.at_most ? "At most " : ""}${plural(data.missed, "entry", "entries")} no longer kept: the journal moved on before this page could read ${data.missed === 1 ? "it" : "them"}`;
    case "clock":
      return [data.advanced_by_ms && `advanced by ${duration(data.advanced_by_ms)}`, data.frozen ? "frozen" : data.rate !== 1 && `${data.rate}×`,
        `now ${dateTime(data.now)}`].filter(Boolean).join(", ");
    case "endpoint":
      return `${data.provider}: ${data.url} ${data.removed ? "removed" : "registered"} (${data.source})`;
    case "armed":
      return `${data.provider}: ${data.scenario} armed` + (data.subject ? ` for ${data.subject}` : "") + (data.remaining ? `, ${plural(data.remaining, "call")} left` : "");
    case "scenarios":
      return data.mistakes ? `${data.source}: not taken: ${data.mistakes}` :
        `${data.source}: ` + [data.given?.length && `${data.given.join(", ")} given`, data.gone?.length && `${data.gone.join(", ")} gone`].filter(Boolean).join(", ");
    case "rule-error":
      return `${data.scenario}, ${data.rule}: ${data.message}`;
    case "expect":
      return `${data.pass ? "met" : "missed"}: wanted ${show(data.want)}, got ${show(data.got)}`;
    case "fault":
      return `${data.fault ?? "all faults"} ${data.removed ? "off" : "on"}` + ["provider", "event", "operation", "endpoint", "delivery"].filter((name) => data[name]).map((name) => `, ${data[name]}`).join("");
    case "hold":
      return `webhooks ${data.released ? "released" : "held"}: ${["provider", "event", "endpoint"].map((name) => data[name]).filter(Boolean).join(", ") || "all"}`;
    case "simulate":
      return `${data.name} simulated${data.run ? ` on ${data.run}` : ""}`;
    case "scenarios":
      return data.mistakes ? `${data.source}: not taken: ${data.mistakes}` : `${data.source}: ${[...(data.given ?? []), ...(data.gone ?? []).map((name) => `${name} gone`)].join(", ")}`;
    case "account":
      return "opened" + (Number.isSafeInteger(data.seed) ? `, seed ${data.seed}` : ""); // rather none than a rounded one
    case "reset":
      return "everything of this account was forgotten";
    default:
      return show(data);
  }
}

/** show writes any value of the journal on one line. */
export function show(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}
