// The palette: finds every action, scenario, provider, run and delivery by words. Loaded on demand.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

const SHOWN = 40; // results
const PER_GROUP = 200; // newest rows and runs that are searched

/** palette opens the dialog. commands are [key, label, act()]; rows and runs come from the journal. */
export function palette({ commands, directory, journal, play, filter, provider, open }) {
  let found = [], at = 0, pressed = false, box;
  const list = h("ul", { id: "palette-list", role: "listbox", "aria-label": "Results", class: "palette" });
  const input = h("input", {
    type: "text", name: "query", role: "combobox", "aria-label": "Find an action, scenario, provider, run or delivery", "aria-controls": "palette-list", "aria-expanded": "true",
    "aria-autocomplete": "list", placeholder: "Find an action, scenario, provider, run or delivery", autocomplete: "off", spellcheck: "false",
  });
  const all = everything({ commands, directory, journal, play, filter, provider, open });
  const mark = (next) => {
    at = (next + found.length) % (found.length || 1);
    [...list.querySelectorAll("[role=option]")].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    const selected = list.querySelector("[aria-selected=true]");
    if (selected) input.setAttribute("aria-activedescendant", selected.id);
    else input.removeAttribute("aria-activedescendant");
    selected?.scrollIntoView({ block: "nearest" });
  };
  const search = () => {
    found = matching(all, input.value);
    list.replaceChildren(...found.map((item, i) => h("li", { id: `option-${i}`, role: "option", data: { group: item.group }, "aria-selected": "false", on: { click: () => choose(item) } },
      h("span", { class: "label", text: item.label }), h("span", { class: "quiet", text: item.about ?? "" }), item.key && h("kbd", { text: item.key }))));
    if (!found.length) list.append(h("li", { class: "quiet", role: "option", "aria-disabled": "true", "aria-selected": "false", text: "Nothing found." }));
    mark(0);
  };
  const choose = (item) => {
    box.close();
    if (item) setTimeout(item.act); // the key that chose it must not act on what it opens
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(at + step);
    else if (event.key === "Enter") pressed = true;
    else return;
    event.preventDefault();
  });
  // Once the key is up: a key that is held would press what has the focus after the palette.
  input.addEventListener("keyup", (event) => {
    if (pressed && event.key === "Enter") choose(found[at]);
  });
  box = dialog("palette", "Find", (body) => body.append(input, list));
  search();
  input.focus();
}

// everything lists all items, in the order in which they are offered.
function everything({ commands, directory, journal, play, filter, provider, open }) {
  const newest = (values) => [...values].slice(-PER_GROUP).reverse();
  const rows = newest([...journal.rows.values()].filter(({ type }) => type === "delivery" || type === "call"));
  return [
    ...commands.map(([key, label, act]) => ({ group: "action", label, key, act })),
    ...directory.scenarios.map(({ provider: of, name, description }) => ({ group: "scenario", label: `Play ${of} / ${name}`, about: description, act: () => play(of, name) })),
    ...directory.providers.map(({ name, title }) => ({ group: "provider", label: `Provider: ${title ?? name}`, about: name, act: () => provider(name) })),
    ...newest(journal.runs.values()).filter((run) => run.changes.length).map((run) => ({
      group: "run", label: `Run ${run.reference ?? run.id}`, about: [run.scenario, run.subject, run.state?.status].filter((part) => typeof part === "string").join(" · "), extra: run.id, act: () => filter(run.id),
    })),
    ...rows.map((row) => ({
      group: row.type === "delivery" ? "delivery" : "request", label: row.type === "delivery" ? `Delivery ${row.event ?? row.id}` : `Request ${row.call.operation ?? row.call.path}`,
      about: [row.status, row.provider, row.url ?? row.call?.path].filter(Boolean).join(" · "), extra: row.id, act: () => open(row),
    })),
  ].map((item) => ({ ...item, text: `${item.group} ${item.label} ${item.about ?? ""} ${item.extra ?? ""}`.toLowerCase() }));
}

/** matching returns the items that contain every word, those with the words in their label first. */
export function matching(all, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = all.filter(({ text }) => words.every((word) => text.includes(word)));
  const inLabel = ({ label }) => words.every((word) => label.toLowerCase().includes(word));
  return [...hits.filter(inLabel), ...hits.filter((item) => !inLabel(item))].slice(0, SHOWN);
}
