// Calls an operation of a provider from a form generated from its document.
import { dialog, submit } from "./dialog.js";
import { fill, h, put } from "./dom.js";
import { field, fromSchema, read } from "./fields.js";
import { preview } from "./preview.js";
import { base } from "./root.js";

/** callWindow opens the dialog with the selection of the play form. */
export function callWindow({ api, directory, provider, scenario, done }) {
  dialog("call", "Make a request", (body, close, say) => {
    const choose = (name, label) => field({ name, label, type: "choice" });
    const fields = h("div", { class: "formfields" });
    const response = h("pre", { class: "bytes", hidden: true, tabindex: "0", role: "region", "aria-label": "Response" });
    const form = h("form", {}, choose("provider", "Provider"), choose("operation", "Operation"), choose("scenario", "Scenario"), fields,
      h("div", { class: "formbar" }, h("button", { name: "call-send", class: "primary", text: "Send request" })));
    const control = (name) => form.elements.namedItem(name);
    let described = [], sends = false;

    const operations = () => {
      const known = directory.provider(control("provider").value)?.operations.filter((op) => !op.dashboard) ?? [];
      fill(control("operation"), known.map((op) => [op.id, `${op.id}: ${op.summary}`]));
      const names = directory.scenarios.filter((item) => item.provider === control("provider").value).map((item) => item.name);
      fill(control("scenario"), [["", "default selection"], ...names.map((name) => [name, name])]);
    };
    const describe = async () => {
      const wanted = (fields.dataset.operation = `${control("provider").value}/${control("operation").value}`);
      fields.replaceChildren(h("p", { class: "quiet", text: "Loading…" }));
      try {
        const shape = await api.form(control("provider").value, control("operation").value);
        if (wanted !== fields.dataset.operation) return; // another one was selected in the meantime
        sends = Boolean(shape.media_type);
        described = fromSchema(shape.fields);
        fields.replaceChildren(...described.map(field));
        if (!described.length) fields.append(h("p", { class: "quiet", text: "No parameters." }));
        shown.refresh();
      } catch (error) {
        say(error.message, true);
      }
    };
    const asked = () => {
      const values = read(form, described);
      const among = (where) => Object.fromEntries(described.filter((item) => where(item.in) && item.name in values).map((item) => [item.name, values[item.name]]));
      const texts = (where) => Object.fromEntries(Object.entries(among(where)).map(([name, value]) => [name, String(value)]));
      return {
        provider: control("provider").value, operation: control("operation").value, scenario: control("scenario").value,
        parameters: texts((where) => where === "path" || where === "query"), headers: texts((where) => where === "header"),
        ...(sends && { body: among((where) => where === "body") }),
      };
    };
    const shown = preview(form, { async ask() {
      if (!fields.childElementCount || fields.dataset.operation !== `${control("provider").value}/${control("operation").value}`) return {};
      const { preview: request } = await api.call({ ...asked(), preview: true });
      const target = new URL(base + (directory.provider(control("provider").value)?.base ?? "") + request.url);
      return { requests: [{ ...request, url: target.pathname + target.search, headers: request.headers.map(([name, value]) => [name, name === "Host" ? target.host : value]) }] };
    } });
    fill(control("provider"), directory.providers.map(({ name, title }) => [name, title]));
    control("provider").value = provider;
    operations();
    control("scenario").value = scenario;
    if (control("scenario").selectedIndex < 0) control("scenario").value = "";
    control("provider").addEventListener("change", () => {
      operations();
      describe();
    });
    control("operation").addEventListener("change", describe);
    submit(form, say, async () => {
      const result = await api.call(asked());
      response.hidden = false;
      put(response, typeof result.body === "string" ? result.body : JSON.stringify(result.body, null, 2));
      say(result.status ? `Response ${result.status}` : "No response, as the scenario specifies");
      done(`${control("operation").value}: ${result.status ?? "no response"}`);
    });
    body.append(form, response, shown.section);
    describe();
  });
}
