// The filter of the list: set in the toolbar, stored in the URL for sharing, evaluated for every row.
import { fill, h } from "./dom.js";
import { address } from "./format.js";

const OUTCOMES = [
  ["", "Any outcome"], ["planned", "Planned"], ["retrying", "Retrying"], ["held", "Held"], ["delivered", "Delivered"], ["exhausted", "Failed"],
  ["dropped", "Dropped"], ["unroutable", "No endpoint"], ["2", "Responses 2xx"], ["4", "Responses 4xx"], ["5", "Responses 5xx"],
];
const ALWAYS = new Set(["gap", "rule-error"]); // always shown: they affect the meaning of other rows
const NAMES = ["show", "provider", "event", "outcome", "endpoint", "run", "text"];

export class Filter {
  #values = {};
  #typing = 0;

  /** form has a control for each name; changed() is called when the filter changes. */
  constructor({ form, reset, chips, changed }) {
    Object.assign(this, { form, reset, chips, changed });
    fill(this.#control("outcome"), OUTCOMES);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", ({ target }) => {
      clearTimeout(this.#typing);
      if (target.matches("input:not([type=radio])")) this.#typing = setTimeout(() => this.#read(), 150);
      else this.#read();
    });
    reset.addEventListener("click", () => this.set({}));
    this.#write(Object.fromEntries(new URL(location.href).searchParams));
  }

  get values() { return this.#values; }

  /** set replaces the filter; {} matches every row. */
  set(values) {
    clearTimeout(this.#typing);
    this.#write(values);
    this.#tell();
  }

  /** offer lists the values seen in the journal. */
  offer(seen) {
    for (const [name, any, label] of [["provider", "Any provider"], ["event", "Any event or operation"], ["endpoint", "Any endpoint", address]]) {
      const select = this.#control(name);
      const known = new Set(seen[name]);
      if (this.#values[name]) known.add(this.#values[name]);
      if (select.options.length === known.size + 1) continue;
      fill(select, [["", any], ...[...known].sort().map((value) => [value, label?.(value) ?? value])]);
      select.value = this.#values[name] ?? "";
    }
  }

  /** match reports whether a row matches. run is the row's run, if known. */
  match(row, run) {
    const { show, provider, event, outcome, endpoint, run: of, text } = this.#values;
    if (ALWAYS.has(row.kind)) return true;
    if (show && row.type !== show) return false;
    if (provider && row.provider !== provider) return false;
    if (event && (row.event ?? row.call?.operation) !== event) return false;
    if (endpoint && row.url !== endpoint) return false;
    if (outcome && (row.type === "call" ? String(row.status)[0] : row.status) !== outcome) return false;
    if (of && !(row.run === of || run?.reference === of || run?.subject === of)) return false;
    return !text || contains(row, run, text.toLowerCase());
  }

  #control(name) { return this.form.elements.namedItem(name); }

  #read() {
    this.#values = {};
    for (const name of NAMES) {
      const value = this.#control(name).value.trim();
      if (value && value !== "all") this.#values[name] = value;
    }
    this.#tell();
  }

  #write(values) {
    this.#values = {};
    for (const name of NAMES) {
      if (values[name]) this.#values[name] = values[name];
      const control = this.#control(name), value = values[name] ?? (name === "show" ? "all" : "");
      if (control instanceof HTMLSelectElement && ![...control.options].some((option) => option.value === value)) control.append(h("option", { value, text: value }));
      control.value = value;
    }
    this.#mark();
  }

  #tell() {
    const url = new URL(location.href);
    for (const name of NAMES) {
      if (this.#values[name]) url.searchParams.set(name, this.#values[name]);
      else url.searchParams.delete(name);
    }
    history.replaceState(null, "", url);
    this.#mark();
    this.changed();
  }

  #chip(name) {
    const label = this.#control(name).selectedOptions?.[0]?.textContent ?? this.#values[name];
    return h("button", { type: "button", name: "chip", value: name, title: `Remove the filter by ${name}`, text: `${name}: ${label}`, on: { click: () => this.#drop(name) } });
  }

  #drop(name) {
    this.#read(); // what was typed just now, too
    this.set({ ...this.#values, [name]: undefined });
  }

  #mark() {
    const active = Object.keys(this.#values).filter((name) => name !== "show");
    this.chips.replaceChildren(...active.filter((name) => name !== "text").map((name) => h("li", {}, this.#chip(name))));
    this.reset.hidden = !active.length;
    this.form.dataset.active = active.length;
  }
}

// contains searches the row's text, including bodies and headers.
function contains(row, run, text) {
  const has = (value) => typeof value === "string" && value.toLowerCase().includes(text);
  const message = (content) => has(content?.body?.text) || content?.headers?.some(([name, value]) => has(name) || has(value));
  if ([row.id, row.event, row.provider, row.account, row.run, row.url, row.scenario, row.rule, run?.reference, run?.subject].some(has)) return true;
  if (row.data) return has(JSON.stringify(row.data)); // a note or a conformance run
  const { call } = row;
  if (call) return has(call.operation) || has(call.path) || message(call.request) || message(call.response);
  return row.attempts.some((attempt) => has(attempt.error) || message(attempt.request) || message(attempt.response));
}
