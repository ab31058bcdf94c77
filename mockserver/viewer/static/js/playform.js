// Playing a scenario with data of one's own: a form of what the call that plays it takes.
import { dialog, submit } from "./dialog.js";
import { h } from "./dom.js";
import { field, fromSchema, read } from "./fields.js";

const SUBJECT = { name: "subject", label: "Subject", hint: "Whom it is about; empty: the documented one." };
const DATA = { name: "body", label: "Data", type: "json", hint: "A JSON object, which its rules see as body; empty: none." };

/** playWindow opens the window for the scenario {provider, name, plays}. done(answer) says what came of it. */
export function playWindow({ api, scenario, subject, done }) {
  const { provider, name, plays } = scenario;
  dialog("play", `Play ${provider}/${name}`, (body, close, say) => {
    const fields = h("div", { class: "formfields" });
    const form = h("form", {}, scenario.description && h("p", { class: "quiet", text: scenario.description }), fields,
      h("div", { class: "formbar" }, h("button", { name: "play-send", class: "primary", text: "Play" })));
    const inBody = (one) => one.in === "body";
    let described = [], documented = ""; // the body that is sent when nothing is changed
    let ready = false;
    const show = (list) => {
      described = list;
      fields.replaceChildren(...list.map(field));
      documented = JSON.stringify(read(form, list.filter(inBody)));
      const whom = list.find((one) => one.subject || one === SUBJECT);
      if (subject && whom) form.elements.namedItem(whom.name).value = subject;
      ready = true;
    };
    const describe = async () => {
      if (!plays) return show([SUBJECT, DATA]); // it begins by itself
      fields.replaceChildren(h("p", { class: "quiet", text: "Reading…" }));
      try {
        const shape = await api.form(provider, plays);
        const list = fromSchema(shape.fields.filter(inBody)).map((one) => (one.subject ? { ...one, label: `${one.name} (subject)` } : one));
        fields.dataset.operation = plays;
        show(!list.length || list.some((one) => one.subject || one.name === SUBJECT.name) ? list : [SUBJECT, ...list]);
        if (!list.length) fields.append(h("p", { class: "quiet", text: "Its call has no body to fill in." }));
      } catch (error) {
        say(error.message, true);
      }
    };
    submit(form, say, async () => {
      if (!ready) return;
      const values = read(form, described.filter(inBody));
      const { subject: whom, body: data } = read(form, described.filter((one) => one === SUBJECT || one === DATA));
      const changed = JSON.stringify(values) !== documented;
      if (whom && changed) throw new Error("Write the subject into the body, or leave the body as it is documented");
      const answer = await api.play({ provider, scenario: name, ...(whom && { subject: whom }), ...(changed ? { body: values } : data && { body: data }) });
      close();
      done(answer);
    });
    body.append(form);
    describe();
  });
}
