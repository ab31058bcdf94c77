// Bodies as sent. "Exact" shows every character, "Pretty" changes only white space; binary bodies are shown as a hex dump or
// as base64.
import { h } from "./dom.js";
import { size } from "./format.js";
import { bytes } from "./shell.js";

const SHOWN = 65_536; // bytes of a hex dump put on the page at once
const COLOURED = 65_536; // characters of JSON that get colours: each is an element

let view = 0; // last selected view, also for the next body

/** body shows {text} or {base64}, with its size and whether the journal truncated it. */
export function body(content, key, copy) {
  const text = content?.text;
  const raw = content?.base64;
  if (!text && !raw) return h("p", { class: "quiet", text: "No body" });
  const json = !raw && isJSON(text);
  const ways = raw ? { Hex: () => hexDump(bytes(content)), Base64: () => raw }
    : json ? { Pretty: () => colours(indent(text)), Exact: () => text, Both: null } : { Exact: () => text };
  const names = Object.keys(ways);
  const pane = h("div", { class: "panes" });
  const buttons = names.map((label) =>
    h("button", { type: "button", name: label.toLowerCase(), text: label, data: { key: `${key}/${label}` } }));
  const show = (chosen) => {
    const name = names[chosen] ?? names[0];
    pane.replaceChildren(...(ways[name] ? [name] : names.slice(0, 2)).map((view) => block(ways[view](), key, view)));
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === name)));
  };
  buttons.forEach((button, i) => button.addEventListener("click", () => show((view = i))));
  show(view);
  return h("div", { class: "body" },
    h("div", { class: "body-bar" },
      h("span", { class: "quiet" }, size(content.size ?? (text ?? raw).length), content.truncated ? ", truncated by the journal" : ""),
      h("span", { class: "group" },
        h("button", { type: "button", class: "small", name: "copy-body", text: raw ? "Copy as base64" : "Copy", title: "Copy the body exactly as it was sent", data: { key: `${key}/copy` }, on: { click: (event) => copy(text ?? raw, event.currentTarget) } }),
        buttons.length > 1 && h("span", { class: "segmented small", role: "group", "aria-label": "Show the body as" }, buttons))),
    pane);
}

const block = (content, key, name) =>
  h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": `Body, ${name.toLowerCase()}`, data: { body: key, as: name.toLowerCase() } }, content);

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

const TOKEN = /"(?:\\.|[^"\\])*"|[[\]{}:,]|[^\s"[\]{}:,]+/gs;

/** indent formats JSON without parsing its values, so that numbers keep their digits and duplicate keys stay visible.
 *  The text must be valid JSON. */
export function indent(text) {
  let out = "", depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  let opened = false;
  for (const [part] of text.matchAll(TOKEN)) {
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

/** colours highlights names, strings and other values of formatted JSON. */
export function colours(text) {
  if (text.length > COLOURED) return text;
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(/("(?:\\.|[^"\\])*")(:?)|-?\d[\w.+-]*|\b(?:true|false|null)\b/gs)) {
    const word = found[1] ?? found[0];
    parts.push(text.slice(at, found.index), h("span", { class: found[2] ? "k" : found[1] ? "s" : "v", text: word }));
    at = found.index + word.length;
  }
  return [...parts, text.slice(at)];
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
