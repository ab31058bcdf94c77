// What a delivery or a request came to, in plain words, before everything else: for a failure the receiver's response and the likely cause.
import { faults } from "./attempts.js";
import { h } from "./dom.js";
import { dateTime, duration } from "./format.js";
import { causeInWords, classInWords, whatNext } from "./words.js";

const LINES = 8, LONGEST = 600; // of the receiver's body

/** verdict shows the result of a row. tools: {hook, outcome, due} with the countdown's text. */
export function verdict(row, tools) {
  return row.type === "delivery" ? ofDelivery(row, tools) : ofCall(row, tools);
}

function box(kind, title, ...content) {
  return h("section", { id: "verdict" }, h("div", { data: { kind } }, h("h3", { text: title }), content)); // the section stays when the kind changes
}

const next = (text, due) => h("p", { class: "ahead" }, h("strong", { text: "Next " }), text, " ", h("span", { class: "due", text: due }));

function ofDelivery(row, { hook, outcome, due, register }) {
  const last = row.attempts.at(-1), ahead = next(whatNext(row, hook), due);
  switch (row.status) {
    case "delivered":
      return box("good", last ? `Delivered: the receiver accepted it with ${last.response?.status ?? last.class}` : "Delivered", reported(outcome), ahead);
    case "unroutable":
      return box("bad", "Not sent: no webhook endpoint is registered for this event", ahead, register);
    case "dropped":
      return box("bad", "Not sent: a fault dropped it", ahead);
    case "held":
      return box("held", "Held", reported(outcome), ahead);
    default:
      return last ? failed(row, last, ahead) : box("pending", "Not sent yet", reported(outcome), ahead);
  }
}

const reported = (outcome) => outcome && h("p", {}, "Outcome of its run: ", h("strong", { class: "outcome", data: { verdict: outcome.verdict }, text: outcome.label }), ".");

function failed(row, last, ahead) {
  const over = row.status === "exhausted", { response } = last;
  const title = response ? `the receiver responded with ${response.status}` : classInWords(last.class).replace(/^Failed: /, "").replace(/\.$/, "") || last.error || "no response";
  return box(over ? "bad" : "pending", `${over ? "Failed" : `Attempt ${last.n} failed`}: ${title}`,
    last.fault && h("p", {}, "Injected fault: ", h("strong", { text: faults(last.fault) })),
    response ? received(response) : h("p", { class: "error mono", text: last.error ?? "No response." }),
    response && classInWords(last.class) && h("p", { text: classInWords(last.class).replace(/^Failed: t/, "T").replace(/^Failed: /, "") }),
    (causeInWords(response?.status) || last.hint) && h("p", {}, h("strong", { text: "Likely cause " }), [causeInWords(response?.status), last.hint].filter(Boolean).join(" ")),
    ahead);
}

// received shows the first lines of the receiver's response.
function received({ status, body }) {
  const text = body?.text;
  const lines = (text ?? "").slice(0, LONGEST).split("\n").slice(0, LINES).join("\n");
  const cut = text !== undefined && lines.length < text.length;
  return h("div", { class: "received" }, h("p", {}, "Receiver's response: ", h("strong", { text: `${status}` }), body?.base64 ? ", a binary body" : !text && ", no body"),
    text && h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": "First lines of the receiver's response", text: lines + (cut ? "\n…" : "") }));
}

function ofCall(row, { outcome, due, scenario }) {
  const { call } = row, took = duration(call.duration_ms);
  const ahead = row.due && next(`The scenario continues at ${dateTime(row.due)} account time.`, due);
  if (call.error) {
    const { message, field } = call.error;
    return box("bad", `Refused with ${call.status}: ${message ?? call.error.kind}`, field && h("p", {}, "Field ", h("code", { text: field })), ahead);
  }
  return box(outcome?.verdict === "pending" ? "pending" : call.status >= 500 ? "bad" : "good", call.status ? `Responded with ${call.status} after ${took}` : "No response, as the scenario specifies",
    outcome && h("p", {}, "Outcome ", h("strong", { class: "outcome", data: { verdict: outcome.verdict }, text: outcome.label }), outcome.description && h("span", { class: "quiet", text: `. ${outcome.description}` })),
    scenario && h("p", {}, "Scenario ", scenario), call.fault && h("p", {}, "Injected fault: ", h("strong", { text: faults(call.fault) })), ahead);
}

