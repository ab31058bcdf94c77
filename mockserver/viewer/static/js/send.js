// Sends any event of a provider, for a new run or the open one.
import { dialog, submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";

const OFFERED = 200; // newest runs of a provider

const newest = (journal, provider) => [...journal.runs.values()].filter((run) => run.provider === provider && run.changes.length).slice(-OFFERED).reverse();

/** sendWindow opens the dialog. run is the run that the event reports, if any. */
export function sendWindow({ api, directory, journal, provider, run, done }) {
  dialog("send", "Send an event", (body, close, say) => {
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
    fill(control("provider"), directory.providers.map(({ name, title }) => [name, title]));
    control("provider").value = run?.provider ?? provider;
    offer();
    control("provider").addEventListener("change", offer);
    control("event").addEventListener("change", about);
    submit(form, say, async () => {
      const what = read(form, described);
      await api.send(what, run?.account);
      close();
      done(`${what.event} is on its way`);
    });
    body.append(form);
  });
}
