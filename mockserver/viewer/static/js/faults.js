// The faults dialog: active faults of the selected account, or of all accounts.
import { dialog, submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";
import { plural } from "./format.js";

const TYPES = { choice: "choice" }; // others are text, validated by the server

/** faultsWindow opens the dialog. */
export function faultsWindow({ api, directory, provider, done }) {
  dialog("faults", "Faults", (body, close, say) => {
    const list = h("ul", { class: "plain", "aria-label": "Active faults" });
    const rest = h("div", { class: "formfields" });
    const form = h("form", {}, list,
      field({ name: "fault", label: "Fault", type: "choice" }), rest,
      h("div", { class: "formbar" },
        h("button", { type: "button", name: "faults-off", text: "Remove all", on: { click: () => act(() => api.removeFaults()) } }),
        h("button", { name: "fault-on", class: "primary", text: "Add fault" })));
    let verbs = [], described = [];
    const act = async (change) => {
      try {
        await change();
        await show();
      } catch (error) {
        say(error.message, true);
      }
    };
    const show = async () => {
      const on = await api.faults();
      list.replaceChildren(...on.map((fault) => h("li", { data: { fault: fault.fault } },
        h("span", { class: "badge fault", text: fault.fault }), " ", words(fault), " ",
        h("button", { type: "button", class: "small", name: "fault-off", text: "Remove", on: { click: () => act(() => api.removeFault(fault.id)) } }))));
      if (!list.children.length) list.append(h("li", { class: "quiet", text: "No active faults." }));
      done();
    };
    const describe = () => {
      const verb = verbs.find(({ name }) => name === form.elements.namedItem("fault").value);
      described = (verb?.args ?? []).filter(({ name }, i, all) => name !== "probability" && name !== "times" && all.findIndex((other) => other.name === name) === i)
        .map((arg) => ({ name: "arg." + arg.name, label: arg.name, hint: arg.about, type: TYPES[arg.type] ?? "text", values: arg.of, value: arg.default, initial: arg.default }));
      const events = directory.providers.flatMap((other) => other.events.map(({ name }) => name));
      described.push(
        { name: "provider", label: "Only provider", type: "choice", values: ["", ...directory.providers.map(({ name }) => name)], value: provider },
        ...(verb?.where.length > 1 ? [{ name: "on", label: "On", type: "choice", values: verb.where, labels: ["deliveries", "responses"] }] : []),
        ...(verb?.where.includes("delivery") ? [{ name: "event", label: "Only event", type: "choice", values: ["", ...new Set(events)] }] : []),
        ...(verb?.where.includes("reply") ? [{ name: "operation", label: "Only operation", hint: "Operation ID; * matches any text." }] : []),
        { name: "probability", label: "Probability", type: "number", value: 1, hint: "0 to 1, drawn from the account's seed." },
        { name: "times", label: "Times", type: "number", hint: "Number of uses; empty: unlimited." });
      rest.replaceChildren(h("p", { class: "quiet", text: verb?.about ?? "" }), ...described.map(field));
    };
    form.elements.namedItem("fault").addEventListener("change", describe);
    submit(form, say, async () => {
      const { on, provider: only, event, operation, probability, times, ...given } = read(form, described);
      const args = Object.fromEntries(described.filter(({ name, initial }) => name in given && given[name] !== initial).map(({ label, name }) => [label, given[name]]));
      await api.addFault({
        fault: form.elements.namedItem("fault").value, ...(on && { on }), ...(Object.keys(args).length && { args }), ...(only && { provider: only }), ...(event && { event }),
        ...(operation && { operation }), ...(probability !== undefined && probability !== 1 && { probability }), ...(times && { times }),
      });
      say(`${form.elements.namedItem("fault").value} added`);
      await show();
    });
    body.append(form);
    act(async () => {
      verbs = await api.faultCatalogue();
      fill(form.elements.namedItem("fault"), verbs.map(({ name }) => [name, name]));
      describe();
    }).then(() => act(() => {}));
  });
}

function words({ on, provider, event, operation, endpoint, times, args }) {
  return [on === "reply" ? "responses" : "webhooks", provider, event, operation, endpoint, times && `${plural(times, "use")} left`,
    args && Object.entries(args).map(([name, value]) => `${name} ${value}`).join(", ")].filter(Boolean).join(" · ");
}
