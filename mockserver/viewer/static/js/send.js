// Sends any event of a provider, for a new run or the open one.
import { dialog, submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";
import { preview } from "./preview.js";

const OFFERED = 200; // newest runs of a provider

const newest = (journal, provider) => [...journal.runs.values()].filter((run) => run.provider === provider && run.changes.length).slice(-OFFERED).reverse();

// found returns the newest run of a provider with a reference, ID or subject.
const found = (journal, provider, text) => {
  const runs = newest(journal, provider);
  return runs.find((run) => run.reference === text || run.id === text) ?? runs.find((run) => run.subject === text);
};

/** sendWindow opens the dialog. run is the run that the event reports, if any. */
export function sendWindow({ api, directory, journal, provider, run, done }) {
  dialog("send", "Send event", (body, close, say) => {
    const described = [
      { name: "provider", label: "Provider", type: "choice" }, { name: "event", label: "Event", type: "choice" },
      { name: "outcome", label: "Outcome", type: "choice", hint: "Outcome that the event reports; the run stays as it is." },
      { name: "run", label: "Run", value: run?.reference ?? run?.id, hint: "An existing run, found by reference or subject; empty: a new run." },
      { name: "data", label: "Data", type: "json", hint: "JSON that overlays the event's body; empty: none." },
    ];
    const form = h("form", {}, described.map(field), h("p", { class: "quiet", id: "event-about" }),
      h("div", { class: "formbar" }, h("button", { name: "send-send", class: "primary", text: "Send" })));
    const runs = h("datalist", { id: "send-runs" });
    form.append(runs);
    form.elements.namedItem("run").setAttribute("list", runs.id);
    const control = (name) => form.elements.namedItem(name);
    const about = () => {
      const selected = directory.provider(control("provider").value);
      const event = selected?.events.find(({ name }) => name === control("event").value);
      form.querySelector("#event-about").textContent = event?.description ?? "";
      const reported = (selected?.outcomes ?? []).filter(({ name }) => event?.outcomes?.includes(name));
      fill(control("outcome"), [["", "Outcome of the run"], ...reported.map(({ name, label }) => [name, label])]);
      control("outcome").closest(".formrow").hidden = reported.length === 0;
    };
    const offer = () => {
      runs.replaceChildren(...newest(journal, control("provider").value).map((item) => h("option", { value: item.reference ?? item.id, label: [item.subject, directory.outcome(item)?.label].filter(Boolean).join(" · ") })));
      fill(control("event"), (directory.provider(control("provider").value)?.events ?? []).map(({ name }) => [name, name]));
      about();
    };
    const asked = () => { // {what, account}
      const what = read(form, described);
      if (what.data !== undefined && (typeof what.data !== "object" || !what.data || Array.isArray(what.data))) throw Object.assign(new Error("Data must be a JSON object"), { field: "data" });
      const about = what.run && found(journal, what.provider, what.run);
      return { what: about ? { ...what, run: about.reference ?? about.id } : what, account: about?.account ?? api.account };
    };
    const shown = preview(form, { none: "No webhook endpoint takes this event: nothing is sent.", async ask() {
      const { what, account } = asked();
      const { previews = [], warnings } = await api.send({ ...what, preview: true }, account);
      return { requests: previews, warnings };
    } });
    shown.section.append(h("p", { class: "quiet", text: "IDs, times and signatures are made anew when it is sent. Faults are not shown." }));
    fill(control("provider"), directory.providers.map(({ name, title }) => [name, title]));
    control("provider").value = run?.provider ?? provider;
    offer();
    control("provider").addEventListener("change", offer);
    control("event").addEventListener("change", about);
    submit(form, say, async () => {
      const { what, account } = asked();
      const { warnings = [] } = await api.send(what, account);
      close();
      done([`${what.event} is on its way`, ...warnings.map((text) => `Warning: ${text}`)].join(". "), warnings.length > 0);
    });
    body.append(form, shown.section);
    shown.refresh();
  });
}
