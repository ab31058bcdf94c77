// Attempts of a delivery: outcome, reason, time by phase, and both messages as they were sent.
import { body, headers } from "./bytes.js";
import { h } from "./dom.js";
import { dateTime, duration } from "./format.js";
import { outcome, show } from "./row.js";

const PHASES = ["dns", "connect", "tls", "write", "wait", "read"];

/** attempts lists a delivery's tries, the newest first and open. */
export function attempts(row) {
  if (!row.attempts.length) {
    const why = row.status === "unroutable" ? "Nowhere to send it: no endpoint is registered for this event." : "Not sent yet.";
    return h("p", { class: "quiet", text: why });
  }
  return h("div", {}, row.attempts.map((attempt, i) => one(attempt, i === row.attempts.length - 1)).reverse());
}

function one(attempt, open) {
  const good = attempt.accepted;
  return h("details", { class: "card", open, data: { key: "attempt-" + attempt.seq, attempt: attempt.n, class: attempt.class } },
    h("summary", {},
      h("span", { class: "badge", data: { status: good ? "delivered" : "exhausted" }, text: outcome(attempt) }), " ",
      `Attempt ${attempt.n}`, " ",
      h("span", { class: "quiet", text: `${good ? "accepted" : "not accepted"} · ${duration(attempt.phases?.total_ms)}` })),
    attempt.error && h("p", { class: "error mono", text: attempt.error }),
    attempt.hint && h("p", { class: "hint", text: attempt.hint }),
    h("dl", { class: "facts" }, [
      ["Class", attempt.class], ["Planned", dateTime(attempt.planned)], ["Sent (wall time)", dateTime(attempt.sent)],
      ["Signed by", attempt.signed_by && show(attempt.signed_by)], ["Next attempt", attempt.next && dateTime(attempt.next)],
    ].filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value })))),
    phases(attempt.phases),
    message("Request", `${attempt.request?.method ?? "POST"} ${attempt.request?.url ?? attempt.url}`, attempt.request, `a${attempt.seq}-request`),
    attempt.response
      ? message("Response", String(attempt.response.status), attempt.response, `a${attempt.seq}-response`)
      : h("p", { class: "quiet", text: "No response." }));
}

/** exchange shows a call's request and reply. */
export function exchange(call, key) {
  return h("div", {},
    message("Request", `${call.method} ${call.path}`, call.request, key + "-request"),
    message("Reply", String(call.status), call.response, key + "-response"));
}

/** expectations shows what the scenario wanted of the receiver and what it got. */
export function expectations(list) {
  return h("ul", { class: "plain" }, list.map(({ want, got, pass }) => h("li", { data: { pass } },
    h("span", { class: "badge", data: { status: pass ? "delivered" : "exhausted" }, text: pass ? "met" : "missed" }),
    " ", `wanted ${show(want)}, got ${show(got)}`)));
}

function message(title, line, content, key) {
  return h("section", { class: "message", data: { message: title.toLowerCase() } },
    h("h4", {}, title, " ", h("span", { class: "mono", text: line })),
    headers(content?.headers), body(content?.body, key));
}

// phases draws where the time went; the words below the bar say the same.
function phases(times) {
  const known = PHASES.map((name) => [name, times?.[name + "_ms"]]).filter(([, ms]) => ms > 0);
  if (!known.length) return null;
  const bar = known.map(([name, ms]) => {
    const part = h("span", { data: { phase: name } });
    part.style.flexGrow = ms * 1000; // through the object model, which the content security policy allows
    return part;
  });
  return h("div", { class: "phases" },
    h("div", { class: "bar", "aria-hidden": "true" }, bar),
    h("ul", {}, known.map(([name, ms]) => h("li", { data: { phase: name }, text: `${name} ${duration(ms)}` }))));
}
