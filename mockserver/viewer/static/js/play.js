// Plays scenarios: the dialog with provider, scenario, subject and the fields of its request, and at once from the palette.
import { dialog, submit } from "./dialog.js";
import { fill, h, put } from "./dom.js";
import { field, fromSchema, read } from "./fields.js";

const FAVOURITE = "pending-then-confirmed"; // the most instructive: waits, changes state, then sends a webhook
const SUBJECT = { name: "subject", label: "Subject", hint: "Person in the request; empty: the documented example." };
const DATA = { name: "body", label: "Data", type: "json", hint: "JSON object, the body in the rules' expressions; empty: none." };

const inBody = (field) => field.in === "body";

export class Play {
  constructor({ api, directory, say, busy }) {
    Object.assign(this, { api, directory, say, busy, provider: "", scenario: "" });
  }

  /** load loads the scenarios, on every connection, as files may have changed. */
  async load() {
    await this.directory.load();
    if (!this.directory.provider(this.provider)) this.provider = this.directory.providers[0]?.name ?? "";
    if (!this.directory.scenario(this.provider, this.scenario)) this.choose();
    if (this.form?.form.isConnected) this.form.refresh();
  }

  /** prefix returns the path prefix of the selected provider. */
  get prefix() {
    return this.directory.provider(this.provider)?.base ?? "";
  }

  /** choose selects the scenario for new users. */
  choose() {
    const names = this.names();
    this.scenario = names.includes(FAVOURITE) ? FAVOURITE : names[0] ?? "";
  }

  names() {
    return this.directory.scenarios.filter(({ provider }) => provider === this.provider).map(({ name }) => name);
  }

  /** run plays a scenario at once: the selected one, or one that is given. */
  run(button, { provider = this.provider, scenario = this.scenario } = {}) {
    Object.assign(this, { provider, scenario });
    return this.busy(button, async () => this.report(scenario, await this.api.play({ provider, scenario })));
  }

  report(name, result) {
    const { reference, status, run } = result ?? {};
    this.say([`Played ${name}`, status && `response ${status}`, reference ? `reference ${reference}` : run].filter(Boolean).join(", "));
  }

  /** ask opens the dialog. */
  ask() {
    dialog("play", "Play a scenario", (body, close, say) => (this.form = new PlayForm(this, body, close, say)));
  }
}

// PlayForm is the content of the dialog. It keeps the selection in the Play.
class PlayForm {
  #described = []; // fields of the request
  #documented = ""; // the documented body, as text
  #wanted = ""; // scenario whose fields are loading

  constructor(play, body, close, say) {
    Object.assign(this, { play, close, say });
    this.fields = h("div", { class: "formfields" });
    this.more = h("div", { class: "formfields" });
    this.about = h("p", { id: "scenario-about", class: "quiet" });
    const details = h("details", { class: "card", hidden: true }, h("summary", { text: "Request data" }), this.more);
    this.form = h("form", {},
      field({ name: "provider", label: "Provider", type: "choice" }), field({ name: "outcome", label: "Outcome", type: "choice" }), field({ name: "scenario", label: "Scenario", type: "choice" }), this.about,
      this.fields, details,
      h("div", { class: "formbar" },
        h("button", { name: "arm", text: "Use for the next request", title: "Play the scenario when your app sends its next request" }),
        h("button", { name: "play-send", class: "primary", text: "Play" })));
    this.details = details;
    fill(this.#control("provider"), play.directory.providers.map(({ name, title }) => [name, title ?? name]));
    this.#control("provider").value = play.provider;
    this.#offer();
    this.#control("provider").addEventListener("change", ({ target }) => {
      play.provider = target.value;
      play.choose();
      this.#offer();
    });
    this.#control("outcome").addEventListener("change", () => {
      this.refresh();
      play.scenario = this.#control("scenario").value;
      this.#describe();
    });
    this.#control("scenario").addEventListener("change", ({ target }) => {
      play.scenario = target.value;
      this.#describe();
    });
    submit(this.form, say, (button) => this.#send(button));
    body.append(this.form);
  }

  #control(name) { return this.form.elements.namedItem(name); }

  /** refresh offers the scenarios that exist now. */
  refresh() {
    const { provider, directory } = this.play, outcome = this.#control("outcome").value;
    const leads = (name) => directory.scenario(provider, name)?.outcomes ?? [];
    const label = (name) => directory.outcome({ provider, state: { outcome: name } })?.label ?? name;
    const names = this.play.names().filter((name) => !outcome || leads(name).includes(outcome));
    fill(this.#control("scenario"), names.map((name) => [name, leads(name).length ? `${name} (${leads(name).map(label).join(", then ")})` : name]));
  }

  #offer() {
    const { provider, directory } = this.play, used = new Set(directory.scenarios.filter((item) => item.provider === provider).flatMap(({ outcomes = [] }) => outcomes));
    const known = (directory.provider(provider)?.outcomes ?? []).filter(({ name }) => used.has(name));
    fill(this.#control("outcome"), [["", "Any"], ...known.map(({ name, label }) => [name, label])]);
    this.#control("outcome").closest(".formrow").hidden = !known.length;
    this.refresh();
    this.#control("scenario").value = this.play.scenario;
    this.#describe();
  }

  async #describe() {
    const { provider, scenario: name, api, directory } = this.play, scenario = directory.scenario(provider, name);
    put(this.about, scenario?.description ?? "");
    const wanted = (this.#wanted = `${provider}/${scenario?.plays ?? name}`);
    if (!scenario?.plays) return this.#show([SUBJECT, DATA]); // no request starts it
    if (!this.#described.length) this.#show([SUBJECT]); // until the fields are known: the buttons stay in place
    try {
      const { fields } = await api.form(provider, scenario.plays);
      if (wanted !== this.#wanted) return; // another one was selected in the meantime
      const list = fromSchema(fields.filter(inBody));
      this.#show(list.some((item) => item.subject || item.name === SUBJECT.name) ? list : [SUBJECT, ...list]);
      this.fields.dataset.operation = scenario.plays;
    } catch (error) {
      this.say(error.message, true);
    }
  }

  // show renders the fields: the subject first, the rest of the request collapsed.
  #show(list) {
    const isSubject = (item) => item.subject || item === SUBJECT;
    const first = list.filter((item) => isSubject(item) || item === DATA), rest = list.filter((item) => !first.includes(item));
    const typed = this.form.querySelector("[data-subject]");
    this.#described = list;
    delete this.fields.dataset.operation;
    this.fields.replaceChildren(...first.map((item) => field(item.subject ? { ...item, label: "Subject", hint: `${item.name}. ${item.description ?? ""}` } : item)));
    this.more.replaceChildren(...rest.map(field));
    this.details.hidden = !rest.length;
    this.#documented = JSON.stringify(read(this.form, list.filter(inBody)));
    for (const item of first.filter(isSubject)) this.#control(item.name).dataset.subject = "";
    const subject = this.form.querySelector("[data-subject]");
    if (subject) subject.dataset.subject = subject.value;
    if (subject && typed && typed.value !== typed.dataset.subject) subject.value = typed.value; // entered for the scenario before
  }

  async #send(button) {
    const { play } = this, { provider, scenario } = play;
    const values = read(this.form, this.#described.filter(inBody));
    const { subject, body: data } = read(this.form, this.#described.filter((item) => item === SUBJECT || item === DATA));
    const changed = JSON.stringify(values) !== this.#documented;
    if (button.name === "arm") {
      const person = subject ?? (changed && this.form.querySelector("[data-subject]")?.value);
      await play.api.arm({ provider, scenario, ...(person && { subject: person }), calls: 1 });
      this.close();
      play.say(`${scenario} applies to the next request`);
      return;
    }
    if (subject && changed) throw new Error("Set the subject in the body, or leave the body unchanged");
    const result = await play.api.play({ provider, scenario, ...(subject && { subject }), ...(changed ? { body: values } : data && { body: data }) });
    this.close();
    play.report(scenario, result);
  }
}
