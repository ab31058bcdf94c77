// Form controls generated from the description of an operation, a dashboard screen or a fault.
import { h } from "./dom.js";

let ids = 0;

/** field creates a labelled control. type is text, url, number, choice, choices, check, secret, list, headers, json or long. */
export function field({ name, label = name, type = "text", value, values = [], labels = [], hint, required, mock, placeholder }) {
  const id = `f${++ids}`;
  const common = { id, name, required, "aria-describedby": hint && id + "h" };
  const words = [label, required && h("span", { class: "quiet", text: " (required)" }), mock && h("span", { class: "badge mock", title: "Not in the provider's dashboard", text: "idmock" })];
  const note = hint && h("small", { id: id + "h", class: "quiet", text: hint });
  const row = (control) => h("div", { class: "formrow", data: { field: name } }, h("label", { for: id }, words), control, note);
  switch (type) {
    case "choice": {
      const select = h("select", common, values.map((item, i) => h("option", { value: item, text: labels[i] ?? (item === "" ? "–" : item) })));
      if (value != null) select.value = String(value);
      return row(select);
    }
    case "choices":
      return h("fieldset", { class: "formrow choices", data: { field: name } }, h("legend", {}, words),
        values.map((item) => h("label", {}, h("input", { type: "checkbox", name, value: item, checked: (value ?? []).includes(item) }), " ", item)), note);
    case "check":
      return h("div", { class: "formrow check", data: { field: name } },
        h("label", {}, h("input", { ...common, type: "checkbox", checked: value === true || value === "true" }), " ", words), note);
    case "list":
    case "headers":
    case "json":
    case "long": {
      const area = h("textarea", { ...common, rows: type === "long" ? 10 : 3, spellcheck: "false", class: "mono" });
      area.value = !Array.isArray(value) ? value ?? "" : value.map((item) => (type === "headers" ? `${item.name}: ${item.value}` : item)).join("\n");
      return row(area);
    }
    default: {
      const kind = { url: "url", number: "number", secret: "text" }[type] ?? "text";
      const input = h("input", { ...common, type: kind === "url" ? "text" : kind, inputmode: kind === "url" ? "url" : undefined, step: kind === "number" ? "any" : undefined, placeholder, autocomplete: "off", spellcheck: "false" });
      input.value = value ?? "";
      return row(input);
    }
  }
}

const TYPES = { integer: "number", number: "number", boolean: "check", object: "json", array: "json" };

/** fromSchema converts the fields of an operation to controls, filled with the documented example. */
export function fromSchema(fields) {
  return fields.map((item) => ({
    ...item, label: item.in === "body" ? item.name : `${item.name} (${item.in})`, hint: item.description,
    type: item.enum ? "choice" : TYPES[item.type] ?? "text", values: item.enum && (item.required ? item.enum : ["", ...item.enum]),
    value: item.example === undefined ? undefined : typeof item.example === "object" ? JSON.stringify(item.example) : item.example,
  }));
}

/** read returns a form's values {name: value}; empty values are omitted unless keep(name). */
export function read(form, described, keep = () => false) {
  const values = {};
  for (const { name, type, label = name } of described) {
    const control = form.elements.namedItem(name);
    if (!control) continue;
    if (type === "check") values[name] = control.checked;
    else if (type === "choices") values[name] = [...form.querySelectorAll(`input[name="${CSS.escape(name)}"]:checked`)].map((item) => item.value);
    else if (control.closest("[hidden]") || (control.value === "" && !keep(name))) continue;
    else if (type === "list") values[name] = lines(control);
    else if (type === "headers") values[name] = lines(control).map((line) => ({ name: line.split(":")[0].trim(), value: line.slice(line.indexOf(":") + 1).trim() }));
    else if (type === "number") values[name] = Number(control.value);
    else if (type === "json") {
      try {
        values[name] = JSON.parse(control.value);
      } catch (error) {
        throw Object.assign(new Error(`${label} is not valid JSON: ${error.message}`), { field: name });
      }
    } else values[name] = control.value;
  }
  return values;
}

const lines = (control) => control.value.split("\n").map((line) => line.trim()).filter(Boolean);

/** show hides the rows of a form whose condition when: {name: value} is false. */
export function show(form, described) {
  for (const { name, when } of described) {
    if (!when) continue;
    const holds = Object.entries(when).every(([other, value]) => form.elements.namedItem(other)?.value === value);
    form.querySelector(`[data-field="${CSS.escape(name)}"]`).hidden = !holds;
  }
}
