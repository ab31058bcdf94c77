// The play form (provider, scenario, subject) and the introduction for new users.
import { base } from "./root.js";
import { fill, put } from "./dom.js";
import { waiting } from "./journal.js";
import { playWindow } from "./playform.js";

const FAVOURITE = "pending-then-confirmed"; // the most instructive: waits, changes state, then sends a webhook
const STEP = 30_000; // ms: its delay
const RECEIVER = "/_idmock/v1/receiver/first";

export class Play {
  constructor({ form, api, directory, say, busy }) {
    Object.assign(this, { form, api, directory, say, busy });
    this.provider = form.elements.namedItem("provider");
    this.scenario = form.elements.namedItem("scenario");
    this.subject = form.elements.namedItem("subject");
    this.about = form.querySelector("#scenario-about");
    this.provider.addEventListener("change", () => this.#offer());
    this.scenario.addEventListener("change", () => this.#describe());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run(event.submitter);
    });
    form.querySelector("button[name=play-form]").addEventListener("click", () => this.ask());
    form.querySelector("button[name=arm]").addEventListener("click", (event) => this.#arm(event.currentTarget));
  }

  /** load loads the scenarios, on every connection, as files may have changed. */
  async load() {
    await this.directory.load();
    fill(this.provider, this.directory.providers.map(({ name, title }) => [name, title ?? name]));
    this.#offer();
  }

  /** prefix returns the path prefix of the selected provider. */
  get prefix() {
    return this.directory.provider(this.provider.value)?.base ?? "";
  }

  /** choose selects the scenario for new users. */
  choose() {
    if ([...this.scenario.options].some(({ value }) => value === FAVOURITE)) this.scenario.value = FAVOURITE;
    this.#describe();
  }

  run(button) {
    return this.busy(button, async () => this.#report(this.scenario.value, await this.api.play(this.#what())));
  }

  /** ask opens the dialog that plays the selected scenario with custom data. */
  ask() {
    const scenario = this.directory.scenario(this.provider.value, this.scenario.value);
    if (scenario) playWindow({ api: this.api, scenario, subject: this.subject.value.trim(), done: (result) => this.#report(scenario.name, result) });
  }

  #report(name, result) {
    const { reference, status, run } = result ?? {};
    this.say([`Played ${name}`, status && `response ${status}`, reference ? `reference ${reference}` : run].filter(Boolean).join(", "));
  }

  #arm(button) {
    return this.busy(button, async () => {
      await this.api.arm({ ...this.#what(), calls: 1 });
      this.say(`${this.scenario.value} armed for the next request`);
    });
  }

  #what() {
    const subject = this.subject.value.trim();
    return { provider: this.provider.value, scenario: this.scenario.value, ...(subject && { subject }) };
  }

  #offer() {
    const before = this.scenario.value;
    const names = this.directory.scenarios.filter(({ provider }) => provider === this.provider.value).map(({ name }) => name);
    fill(this.scenario, names.map((name) => [name, name]));
    if (this.scenario.value !== before || !before) this.choose();
    this.#describe();
  }

  #describe() {
    put(this.about, this.directory.scenario(this.provider.value, this.scenario.value)?.description ?? "");
  }
}

/** FirstMinute is the introduction: three steps from an empty journal to a delivered webhook. */
export class FirstMinute {
  #dismissed = false;

  /** self is the base URL under which the server reaches its own receiver. */
  constructor({ root, play, api, journal, clock, say, busy }) {
    Object.assign(this, { root, play, api, journal, self: base });
    const on = (name, act) => root.querySelector(`button[name=${name}]`).addEventListener("click", (event) => act(event.currentTarget));
    on("first-receiver", (button) => busy(button, async () => {
      const url = this.self + RECEIVER;
      await api.addEndpoint({ provider: play.provider.value, url });
      say(`Webhook endpoint set to ${url}`);
    }));
    on("first-play", (button) => {
      play.choose();
      play.run(button);
    });
    on("first-advance", (button) => {
      const row = this.#waiting();
      if (row) clock.advanceTo(row, button);
      else clock.advance(STEP, button, this.#run()?.account);
    });
    on("first-hide", () => {
      this.#dismissed = true;
      this.render();
    });
  }

  render() {
    const { rows, runs, endpoints, attempted } = this.journal;
    this.root.hidden = this.#dismissed || attempted || rows.size > 50;
    if (this.root.hidden) return;
    this.#done("first-receiver", endpoints.size > 0);
    this.#done("first-play", runs.size > 0);
    this.root.querySelector("button[name=first-advance]").disabled = !this.#run();
    put(this.root.querySelector("#first-base"), base + this.play.prefix);
  }

  #run() {
    return [...this.journal.runs.values()].at(-1);
  }

  #waiting() {
    return [...this.journal.rows.values()].find(waiting);
  }

  #done(name, yes) {
    this.root.querySelector(`button[name=${name}]`).closest("li").toggleAttribute("data-done", yes);
  }
}
