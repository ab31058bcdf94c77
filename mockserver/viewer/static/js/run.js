// The changes of a run's state, with cause and values.
import { h } from "./dom.js";
import { clockTime } from "./format.js";
import { show } from "./row.js";

/** runStates lists a run's changes, oldest first. */
export function runStates(run) {
  let previous = {};
  return h("ol", { class: "states" }, run.changes.map((change) => {
    const before = change.before ?? previous;
    const state = change.state ?? {};
    previous = state;
    const names = [...new Set([...Object.keys(before), ...Object.keys(state)])]
      .filter((name) => show(before[name]) !== show(state[name]));
    return h("li", {},
      h("p", {}, h("time", { datetime: change.at, title: "account time", text: clockTime(change.at) }), " ",
        h("span", { class: "quiet", text: show(change.cause) })),
      names.length
        ? h("dl", { class: "headers" }, names.map((name) => h("div", {}, h("dt", { text: name }), h("dd", {}, step(before, state, name)))))
        : h("p", { class: "quiet", text: "No value changed." }));
  }));
}

function step(before, state, name) {
  const now = Object.hasOwn(state, name) ? h("ins", { text: show(state[name]) }) : h("span", { class: "quiet", text: "removed" });
  return Object.hasOwn(before, name) ? [h("del", { text: show(before[name]) }), " → ", now] : now;
}
