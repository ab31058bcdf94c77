// Plays a scenario with custom data: a form for its request.
import { dialog, submit } from "./dialog.js";
import { h } from "./dom.js";
import { field, fromSchema, read } from "./fields.js";

const SUBJECT = { name: "subject", label: "Subject", hint: "Person in the request; empty: the documented example." };
const DATA = { name: "body", label: "Data", type: "json", hint: "JSON object, the body in the rules' expressions; empty: none." };

/** playWindow opens the dialog for a scenario {provider, name, plays}. It calls done(result). */
export function playWindow({ api, scenario, subject, done }) {
  const { provider, name, plays } = scenario;
  dialog("play", `Play ${provider}/${name}`, (body, close, say) => {
    const fields = h("div", { class: "formfields" });
    const form = h("form", {}, scenario.description && h("p", { class: "quiet", text: scenario.description }), fields,
      h("div", { class: "formbar" }, h("button", { name: "play-send", class: "primary", text: "Play" })));
    const inBody = (field) => field.in === "body";
    let described = [], documented = ""; // the documented body
    let ready = false;
    const show = (list) => {
      described = list;
      fields.replaceChildren(...list.map(field));
      documented = JSON.stringify(read(form, list.filter(inBody)));
      const target = list.find((field) => field.subject || field === SUBJECT);
      if (subject && target) form.elements.namedItem(target.name).value = subject;
      ready = true;
    };
    const describe = async () => {
      if (!plays) return show([SUBJECT, DATA]); // no request starts it
      fields.replaceChildren(h("p", { class: "quiet", text: "Loading…" }));
      try {
        const shape = await api.form(provider, plays);
        const list = fromSchema(shape.fields.filter(inBody)).map((field) => (field.subject ? { ...field, label: `${field.name} (subject)` } : field));
        fields.dataset.operation = plays;
        show(!list.length || list.some((field) => field.subject || field.name === SUBJECT.name) ? list : [SUBJECT, ...list]);
        if (!list.length) fields.append(h("p", { class: "quiet", text: "The request has no body." }));
      } catch (error) {
        say(error.message, true);
      }
    };
    submit(form, say, async () => {
      if (!ready) return;
      const values = read(form, described.filter(inBody));
      const { subject: person, body: data } = read(form, described.filter((field) => field === SUBJECT || field === DATA));
      const changed = JSON.stringify(values) !== documented;
      if (person && changed) throw new Error("Set the subject in the body, or leave the body unchanged");
      const result = await api.play({ provider, scenario: name, ...(person && { subject: person }), ...(changed ? { body: values } : data && { body: data }) });
      close();
      done(result);
    });
    body.append(form);
    describe();
  });
}
