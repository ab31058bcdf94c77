// The file of a scenario at the line of a rule.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

/** sourceOf returns scenario and line {name, line} of a row's rule. Rules are named FILE:LINE. */
export function sourceOf(row, run, directory) {
  const played = row.scenario ?? row.call?.scenario ?? run?.scenario;
  if (!played || !row.provider) return null;
  const [, file, line] = /^(.*):(\d+)$/.exec(row.rule ?? row.call?.rule ?? "") ?? [];
  const own = directory.scenario(row.provider, played)?.source ?? played;
  const stem = own.split("/").at(-1).replace(/\.ya?ml$/, "");
  return { name: file === undefined || file === stem ? played : "default", line: Number(line) || 0 }; // the rule is in the default scenario
}

/** sourceWindow shows a scenario's file at a line. */
export function sourceWindow(text, { provider, name, line }, copy) {
  const marked = (content, at) => h("span", { class: "line", data: { line: at, marked: at === line }, "aria-current": at === line && "true", text: content + "\n" });
  const lines = text.trimEnd().split("\n").map((content, i) => marked(content, i + 1));
  dialog("source", `${provider}/${name}`, (body) => body.append(
    h("p", { class: "quiet", text: line ? `The rule is on line ${line} of the current file.` : "The current file." }),
    h("pre", { class: "bytes source", tabindex: "0", role: "region", "aria-label": "Scenario file" }, lines),
    h("div", { class: "formbar" }, h("button", { type: "button", name: "source-copy", text: "Copy", on: { click: (event) => copy(text, event.currentTarget) } }))));
  lines[line - 1]?.scrollIntoView({ block: "center" });
}
