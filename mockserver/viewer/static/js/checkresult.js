// The result of one check: requirement, reason, request and response. Exchanges are loaded on demand and shown as text.
import { verdictInWords } from "./checkcount.js";
import { fieldNames } from "./checkform.js";
import { h } from "./dom.js";
import { duration } from "./format.js";

/** resultItem shows a result; learn() loads its exchanges. */
export function resultItem(result, { learn, copy }) {
  const { id, level, verdict, reason, title, brief } = result;
  const story = h("div", { class: "story" });
  const box = h("details", { class: "card" },
    h("summary", {},
      h("span", { class: "badge", data: { verdict }, text: verdictInWords(verdict) }), " ", h("span", { class: "mono", text: id }), " ", h("small", { class: "quiet", text: level }),
      h("span", { class: "say", text: verdict === "pass" || brief || !reason ? title : fieldNames(reason) })),
    story);
  let asked = false;
  box.addEventListener("toggle", async () => {
    if (!box.open || asked) return;
    asked = true;
    story.replaceChildren(h("p", { class: "quiet", text: "Loading…" }));
    try {
      story.replaceChildren(...tell(await learn(), copy));
      box.dataset.read = "";
    } catch (error) {
      asked = false;
      story.replaceChildren(h("p", { class: "error", text: error.message }));
    }
  });
  return h("li", { data: { result: id, verdict } }, box);
}

function tell(result, copy) {
  const exchanges = result.exchanges ?? [];
  const decisive = exchanges.findIndex(({ expected }) => expected);
  const facts = [["Requirement", result.title], ["Why", result.why], ["Expected", result.expected], ["Got", result.got],
    ["Likely cause", result.cause], [result.verdict === "pass" ? null : "Reason", result.expected ? null : result.reason && fieldNames(result.reason)], ["Source", result.ref]];
  return [
    h("dl", {}, facts.filter(([name, text]) => name && text).map(([name, text]) => h("div", {}, h("dt", { text: name }), h("dd", { text })))),
    result.repeat && command("Repeat this check", "copy-repeat", result.repeat, copy),
    exchanges.length > 0 && h("h5", { text: exchanges.length === 1 ? "HTTP exchange" : `${exchanges.length} HTTP exchanges` }),
    ...exchanges.map((item, i) => exchange(item, i, i === (decisive < 0 ? exchanges.length - 1 : decisive), copy)),
  ].filter(Boolean);
}

function exchange(item, i, isOpen, copy) {
  return h("details", { class: "exchange", open: isOpen, data: { exchange: i + 1 } },
    h("summary", {}, item.note || "request", h("span", { class: item.expected ? "error" : "quiet", text: ` ${item.status || item.error || "no response"} after ${duration(item.ms)}` })),
    item.expected && h("p", { class: "error", text: `Expected ${item.expected}` }),
    item.curl && command("curl command", "copy-curl", item.curl, copy),
    h("h6", { text: "Request" }), wire(item.request, "request"),
    h("h6", { text: "Response" }), item.response ? wire(item.response, "response") : h("p", { class: "error", text: item.error || "No response." }));
}

const wire = (text, which) =>
  h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": which === "request" ? "Request" : "Response", data: { wire: which }, text });

function command(label, name, text, copy) {
  return h("div", {}, h("h6", { text: label }), h("div", { class: "command" },
    h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": label, text }),
    h("button", { type: "button", class: "small", name, text: "Copy", "aria-label": `Copy: ${label}`, on: { click: () => copy(text) } })));
}
