// Attempts of a delivery: outcome, reason, phases, signature, and both messages as sent.
import { base } from "./root.js";
import { body, headers } from "./bytes.js";
import { h } from "./dom.js";
import { duration, exactTime } from "./format.js";
import { outcome, show } from "./row.js";
import { curl } from "./shell.js";
import { signature } from "./signing.js";
import { classInWords } from "./words.js";

const PHASES = ["dns", "connect", "tls", "write", "wait", "read"];

/** attempts lists a delivery's attempts, newest first and expanded. tools: {hook, credentials, copy}. */
export function attempts(row, tools) {
  if (!row.attempts.length) {
    const why = row.status === "unroutable" ? "Not sent: no endpoint is registered for this event." : "Not sent yet.";
    return h("p", { class: "quiet", text: why });
  }
  return h("div", {}, row.attempts.map((attempt, i) => part(attempt, i === row.attempts.length - 1, tools)).reverse());
}

function part(attempt, open, tools) {
  const good = attempt.accepted, key = `a${attempt.seq}`;
  return h("details", { class: "card", open, data: { key: "attempt-" + attempt.seq, attempt: attempt.n, class: attempt.class } },
    h("summary", {},
      h("span", { class: "badge", data: { status: good ? "delivered" : "exhausted" }, text: outcome(attempt) }), " ",
      h("strong", { text: `Attempt ${attempt.n}` }), " ",
      h("span", { class: "quiet", text: `${good ? "accepted" : "not accepted"} · ${duration(attempt.phases?.total_ms)}` })),
    attempt.fault && h("p", { class: "hint" }, "Injected fault: ", h("strong", { text: faults(attempt.fault) })),
    attempt.error && h("p", { class: "error mono", text: attempt.error }),
    !good && classInWords(attempt.class) && h("p", { text: classInWords(attempt.class) }),
    attempt.hint && h("p", { class: "hint", text: attempt.hint }),
    moments(attempt),
    h("div", { class: "sides" }, message("Request", `${attempt.request?.method ?? "POST"} ${attempt.request?.url ?? attempt.url}`, attempt.request, key + "-request", tools,
      h("button", { type: "button", class: "small", name: "copy-curl", text: "Copy as curl", data: { key: key + "-curl" }, on: { click: (event) => tools.copy(curl(attempt.request), event.currentTarget) } })),
    attempt.response
      ? message("Response", String(attempt.response.status), attempt.response, key + "-response", tools)
      : h("p", { class: "quiet", text: "No response." })),
    h("h4", { text: "Signature" }), signature(attempt, tools.hook, tools.credentials, tools.copy));
}

/** faults lists the names of one or several faults. */
export const faults = (fault) => [fault].flat().map((part) => show(part?.name ?? part)).join(", ");

/** exchange shows a call's request and response. */
export function exchange(call, key, tools) {
  const repeat = { method: call.method, url: base + call.path, headers: call.request?.headers, body: call.request?.body };
  return h("div", { class: "sides" },
    message("Request", `${call.method} ${call.path}`, call.request, key + "-request", tools,
      h("button", { type: "button", class: "small", name: "copy-curl", text: "Copy as curl", data: { key: key + "-curl" }, on: { click: (event) => tools.copy(curl(repeat), event.currentTarget) } })),
    message("Response", String(call.status), call.response, key + "-response", tools));
}

/** expectations shows the scenario's expectations and the actual values. */
export function expectations(list) {
  return h("ul", { class: "plain" }, list.map(({ want, got, pass }) => h("li", { data: { pass } },
    h("span", { class: "badge", data: { status: pass ? "delivered" : "exhausted" }, text: pass ? "met" : "missed" }),
    " ", `expected ${show(want)}, got ${show(got)}`)));
}

function message(title, line, content, key, tools, action) {
  return h("section", { class: "message", data: { message: title.toLowerCase() } },
    h("h4", {}, title, " ", h("span", { class: "mono", text: line }), action && [" ", action]),
    headers(content?.headers), body(content?.body, key, tools.copy));
}

// moments shows the attempt on a timeline. It is planned in account time and made in wall time; the account's clock may be frozen.
function moments(attempt) {
  const sent = Date.parse(attempt.sent_wall_time);
  const { dns_ms = 0, connect_ms = 0, tls_ms = 0, write_ms = 0, wait_ms = 0, read_ms = 0, total_ms = 0 } = attempt.phases ?? {};
  const made = dns_ms + connect_ms + tls_ms;
  const first = total_ms - read_ms;
  const rows = [
    ["Planned", attempt.planned_account_time, null, null],
    ["Sent", null, 0, 0],
    ["Connected", null, first - wait_ms - write_ms, made > 0 || connect_ms > 0],
    ["Written", null, first - wait_ms, write_ms > 0],
    ["First byte", null, first, wait_ms > 0 && read_ms > 0],
    ["Done", attempt.at, total_ms, true],
  ].filter(([name, , , happened]) => happened !== false || name === "Sent");
  return h("div", { class: "phases" }, bar(attempt.phases),
    h("table", { class: "moments" },
      h("caption", { class: "hidden", text: `Attempt ${attempt.n} on a time line` }),
      h("thead", {}, h("tr", {}, ["Moment", "Account time", "Wall time", "After"].map((text) => h("th", { scope: "col", text })))),
      h("tbody", {}, rows.map(([name, account, offset]) => h("tr", { data: { moment: name.toLowerCase().replace(" ", "-") } },
        h("th", { scope: "row", text: name }),
        h("td", { text: account ? exactTime(account) : "" }),
        h("td", { text: offset == null || !sent ? "" : exactTime(sent + offset) }),
        h("td", { text: offset == null ? "" : duration(Math.max(0, offset)) }))))));
}

// bar draws the phases; the list below has the same values.
function bar(times) {
  const known = PHASES.map((name) => [name, times?.[name + "_ms"]]).filter(([, ms]) => ms > 0);
  if (!known.length) return null;
  return [
    h("div", { class: "bar", "aria-hidden": "true" }, known.map(([name, ms]) => {
      const part = h("span", { data: { phase: name } });
      part.style.flexGrow = ms * 1000; // set by script, which the content security policy allows
      return part;
    })),
    h("ul", {}, known.map(([name, ms]) => h("li", { data: { phase: name }, text: `${name} ${duration(ms)}` }))),
  ];
}
