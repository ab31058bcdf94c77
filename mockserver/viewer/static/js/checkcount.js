// The numbers of a conformance run. Every number is the sum of those after its equals sign. Does not use the DOM.

/** VERDICTS are the parts of the checks that were run: [name, label, verdicts]. */
export const VERDICTS = [
  ["passed", "Passed", ["pass"]],
  ["problems", "Failed", ["fail"]],
  ["inconclusive", "Not judged", ["inconclusive"]],
  ["errors", "Errors", ["error"]],
  ["warnings", "Warnings", ["warn"]],
  ["waived", "Waived", ["waived"]],
  ["noted", "Noted", ["info"]],
];

const ALWAYS = ["passed", "problems", "inconclusive"]; // also shown if 0

/** verdictInWords is the label of a verdict. */
export const verdictInWords = (verdict) =>
  ({ pass: "passed", fail: "failed", inconclusive: "not judged", error: "error", warn: "warning", info: "noted", "not-applicable": "not applicable", skip: "not run" })[verdict] ?? verdict;

/** chosen returns the checks that a form selects; only and skip are globs of their IDs, as in the command. */
export function chosen(checks, { core, only = [], skip = [] }) {
  const fits = (globs, id) => globs.some((pattern) => glob(pattern.replaceAll("**", "*"), id));
  return checks.filter((check) => (!core || check.core) && (!only.length || fits(only, check.id)) && !fits(skip, check.id));
}

// glob reports whether a pattern matches an ID: * is any text, ? is one character.
function glob(pattern, id) {
  const source = pattern.replace(/[^\w/-]/g, (c) => ({ "*": ".*", "?": "." })[c] ?? "\\" + c);
  return new RegExp(`^${source}$`, "s").test(id);
}

/** sums returns the equations of a run: the chosen checks, those that apply, and those that were run. results are those so far. */
export function sums(results, total, over) {
  const of = (...verdicts) => results.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const none = of("not-applicable"), skipped = of("skip"), run = results.length - none - skipped, open = total - results.length;
  const parts = VERDICTS.map(([name, label, verdicts]) => [of(...verdicts), label.toLowerCase(), ALWAYS.includes(name)]);
  return [
    equation(total, "chosen", [[total - none, "applicable", true], [none, "not applicable", true]]),
    run < total - none && equation(total - none, "applicable", [[run, "run", true], [skipped, "not run"], [open, over ? "not reached" : "to come"]]),
    equation(run, "run", parts),
  ].filter(Boolean);
}

function equation(sum, label, parts) {
  return `${sum} ${label} = ` + parts.filter(([n, , always]) => n || always).map(([n, part]) => `${n} ${part}`).join(" + ");
}
