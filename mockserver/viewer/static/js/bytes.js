// Bodies as they went over the wire. "Exact" shows what was sent, character for character;
// "Pretty" only moves white space; bytes that are not text are shown as a hex dump or as base64.
import { h } from "./dom.js";
import { size } from "./format.js";

const SHOWN = 65_536; // bytes of a hex dump put on the page at once

let pretty = true; // the reader's last choice holds for the next body too

/** body shows {text} or {base64}, with its size and whether the journal cut it. */
export function body(content, key) {
  const text = content?.text;
  const raw = content?.base64;
  if (!text && !raw) return h("p", { class: "quiet", text: "No body" });
  const [one, other] = raw
    ? [["Hex", () => hexDump(decode(raw))], ["Base64", () => raw]]
    : [["Pretty", () => indent(text)], ["Exact", () => text]];
  const toggles = raw || isJSON(text);
  const pre = h("pre", { class: "bytes", tabindex: "0", "aria-label": "Body", data: { body: key } });
  const buttons = [one, other].map(([label]) =>
    h("button", { type: "button", name: label.toLowerCase(), text: label, data: { key: `${key}/${label}` } }));
  const show = (first) => {
    pre.textContent = (first ? one : other)[1]();
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String((i === 0) === first)));
  };
  buttons.forEach((button, i) => button.addEventListener("click", () => show((pretty = i === 0))));
  if (toggles) show(pretty);
  else pre.textContent = text;
  return h("div", { class: "body" },
    h("div", { class: "body-bar" },
      h("span", { class: "quiet" }, size(content.size ?? (text ?? raw).length), content.truncated ? ", cut by the journal" : ""),
      toggles && h("span", { class: "segmented small" }, buttons)),
    pre);
}

/** headers shows name and value pairs in the order they were sent. */
export function headers(list) {
  if (!list?.length) return h("p", { class: "quiet", text: "No headers" });
  return h("dl", { class: "headers" },
    list.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));
}

function isJSON(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** indent lays JSON out by its brackets without reading its values, so numbers keep their digits
 *  and repeated keys stay visible. The text must be JSON. */
export function indent(text) {
  let out = "", depth = 0;
  const token = /"(?:\\.|[^"\\])*"|[[\]{}:,]|[^\s"[\]{}:,]+/gs;
  const line = () => "\n" + "  ".repeat(depth);
  let opened = false;
  for (const [part] of text.matchAll(token)) {
    if (part === "}" || part === "]") {
      depth--;
      out += (opened ? "" : line()) + part;
      opened = false;
      continue;
    }
    if (opened) out += line();
    opened = part === "{" || part === "[";
    if (opened) depth++;
    out += part === "," ? "," + line() : part === ":" ? ": " : part;
  }
  return out;
}

function decode(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function hexDump(data) {
  const lines = [];
  for (let at = 0; at < Math.min(data.length, SHOWN); at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const hex = row.map((b) => b.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((b) => (b > 31 && b < 127 ? String.fromCharCode(b) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${ascii}`);
  }
  if (data.length > SHOWN) lines.push(`… ${size(data.length - SHOWN)} more (all of it under Base64)`);
  return lines.join("\n");
}
