// The timeline of one delivery: call, run changes, planning, attempts and the next step.
import { faults } from "./attempts.js";
import { h } from "./dom.js";
import { address, clockTime, countdown, dateTime, duration, exactTime } from "./format.js";
import { causeOf, waiting } from "./journal.js";
import { outcome, show } from "./row.js";
import { statusInWords } from "./words.js";

const MOST = 40; // steps shown per run

/** trace lists a delivery's timeline, oldest first. link(row) creates a button that opens another row. */
export function trace(journal, row, { link, scenario, now }) {
  const call = causeOf(journal, row);
  const from = call?.seq ?? row.planned ?? row.seq;
  const changes = (journal.run(row.account, row.run)?.changes ?? []).filter((change) => change.seq >= from).slice(-MOST);
  const steps = [
    call && step(call, "call", call.at, call.wall, h("span", { class: "mono", text: `${call.call.method} ${call.call.path}` }), ` → ${call.status} `, link(call)),
    ...changes.map((change) => step(change, "run", change.at, change.wall, "Run: ", h("span", {}, difference(change)))),
    row.planned && step({ seq: row.planned }, "planned", row.at, row.wall, row.manual ? "Sent manually" : ["Planned by ", scenario], `, for ${dateTime(row.first ?? row.due)}`, row.fault && [" ", h("span", { class: "badge fault", text: faults(row.fault) })]),
    ...row.attempts.map((attempt) => step(attempt, attempt.accepted ? "good" : "bad", attempt.at, attempt.sent_wall_time,
      h("strong", { text: `Attempt ${attempt.n}` }), ` → ${outcome(attempt)}, ${attempt.accepted ? "accepted" : "not accepted"} after ${duration(attempt.phases?.total_ms)}`,
      attempt.fault && [" ", h("span", { class: "badge fault", text: faults(attempt.fault) })])),
    ...row.holds.map((hold) => step(hold, "held", hold.at, hold.wall, hold.released ? "Released" : hold.id ? "Held by an active hold" : "Held manually")),
    ...row.expects.map((expect) => step(expect, expect.pass ? "good" : "bad", expect.at, expect.wall,
      `Expectation ${expect.pass ? "met" : "missed"}: expected ${show(expect.want)}, got ${show(expect.got)}`)),
  ].filter(Boolean).sort((a, b) => a.seq - b.seq).map(({ item }) => item);
  if (row.status === "held") {
    steps.push(h("li", { data: { step: "next" } }, h("time"), h("time"), h("div", {}, h("strong", { text: `Attempt ${row.attempts.length + 1}` }), " when it is released")));
  } else if (!waiting(row) && row.status !== "planned") {
    steps.push(step({ seq: Infinity }, { delivered: "good" }[row.status] ?? "bad", row.ended, null, h("strong", { text: statusInWords(row.status) })).item);
  } else if (row.due) {
    steps.push(h("li", { data: { step: "next" } }, h("time", { datetime: row.due, text: clockTime(row.due) }), h("time"),
      h("div", {}, h("strong", { text: `Attempt ${row.attempts.length + 1}` }), " ", h("span", { class: "due", text: countdown(Date.parse(row.due) - now) }))));
  }
  return [h("p", { class: "times quiet" }, h("span", { text: "Account time" }), h("span", { text: "Wall time" })), h("ol", { class: "trace" }, steps)];
}

function step({ seq }, kind, at, wall, ...content) {
  return { seq, item: h("li", { data: { step: kind } },
    h("time", { datetime: at, title: at && `${exactTime(at)} account time`, text: clockTime(at) }), h("time", { datetime: wall, title: wall && `${exactTime(wall)} wall time`, text: wall ? clockTime(wall) : "" }),
    h("div", {}, content.flat(Infinity))) };
}

/** difference lists the changed values of a run as before → after. */
export function difference(change) {
  const before = change.before ?? {}, state = change.state ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(state)])].filter((name) => show(before[name]) !== show(state[name]));
  if (!names.length) return "nothing changed";
  return names.flatMap((name, i) => [i > 0 && ", ", `${name} `,
    Object.hasOwn(before, name) && [h("del", { text: show(before[name]) }), " → "],
    Object.hasOwn(state, name) ? h("ins", { text: show(state[name]) }) : "removed"]).flat().filter(Boolean);
}
