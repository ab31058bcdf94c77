// One screen of a provider's dashboard: current values and the steps that change them.
import { submit } from "./dialog.js";
import { h } from "./dom.js";
import { field, read, show } from "./fields.js";

const shown = new WeakMap(); // view → current screen

export class Screen {
  #values = {}; // field values: loaded values, overlaid with the input
  #response = {}; // response of the last operation, or the edited item
  #update = null; // button that submits an update
  #at = 0;

  /** tools: {api, account, receiver, say, done}. */
  constructor(view, { provider, screen }, tools) {
    Object.assign(this, { view, provider, screen, ...tools });
  }

  async open() {
    shown.set(this.view, this);
    this.view.replaceChildren(h("p", { class: "quiet", text: "Loading…" }));
    let items = null;
    try {
      if (this.screen.list) items = lookup(await this.#call({ operation: this.screen.list.operation, quiet: true }), this.screen.list.items) ?? [];
      else if (this.screen.read) this.#values = await this.#call({ operation: this.screen.read, quiet: true });
    } catch (error) {
      this.say(error.message, true);
    }
    if (shown.get(this.view) !== this) return; // replaced by another screen in the meantime
    if (items?.length) this.#list(items);
    else this.#step();
  }

  async #call(button, body) {
    const parameters = Object.fromEntries(Object.entries(button.parameters ?? {}).map(([name, path]) => [name, String(lookup(this.#response, path) ?? "")]));
    const { status, body: response } = await this.api.call({ provider: this.provider.name, operation: button.operation, parameters, ...(body && { body }), ...(button.quiet && { quiet: true }) }, this.account);
    if (status >= 400) throw new Error(errorText(response) ?? `${this.provider.title} responded with ${status}`);
    return response ?? {};
  }

  #show(...content) {
    this.view.replaceChildren(
      h("nav", { "aria-label": "Path in the dashboard" }, h("p", { class: "crumbs", text: this.screen.menu.join(" → ") })),
      this.screen.about ? h("p", { text: this.screen.about }) : "", ...content);
  }

  #list(items) {
    const { show: members, create, update, remove } = this.screen.list;
    const begin = (item, button) => {
      this.#values = structuredClone(item);
      this.#response = item;
      this.#update = button;
      this.#at = 0;
      this.#step();
    };
    const form = h("form", {},
      h("ul", { class: "items", role: "list" }, items.map((item) => h("li", { data: { item: item.id } },
        h("div", {}, members.map((name) => h("p", { class: name === members[0] ? "mono" : "quiet", text: [lookup(item, name)].flat().join(", ") }))),
        h("span", { class: "group" },
          update && h("button", { type: "button", class: "small", name: "item-update", text: update.label, on: { click: () => begin(item, update) } }),
          remove && h("button", { class: "small", name: "item-remove", text: remove.label, on: { click: () => (this.#response = item) } }))))),
      h("div", { class: "formbar" }, h("button", { type: "button", class: "primary", name: "item-create", text: create, on: { click: () => begin({}, null) } })));
    submit(form, this.say, async () => {
      await this.#call(remove);
      this.say(`${remove.label}: done`);
      this.open();
    });
    this.#show(form);
  }

  #step() {
    const { steps } = this.screen, step = steps[this.#at], last = this.#at === steps.length - 1;
    const described = (step.fields ?? []).map((entry) => ({ ...entry, value: lookup(this.#values, entry.name) }));
    const url = described.find(({ type }) => type === "url");
    const form = h("form", {},
      steps.length > 1 && h("ol", { class: "steps", role: "list" }, steps.map((entry, i) => h("li", { "aria-current": i === this.#at && "step", text: `${i + 1}. ${entry.title ?? ""}` }))),
      step.title && h("h3", { text: step.title }), step.about && h("p", { text: step.about }),
      described.map(field),
      url && h("button", { type: "button", class: "link", name: "use-receiver", text: "Use the built-in receiver", on: { click: () => {
        form.elements.namedItem(url.name).value = this.receiver(this.provider.name);
      } } }),
      h("div", { class: "formbar" },
        this.#at > 0 && h("button", { type: "button", name: "step-back", text: "Back", on: { click: () => this.#turn(-1) } }),
        step.test && h("button", { name: "screen-test", title: step.test.mock && "Not in the provider's dashboard", text: step.test.label }),
        step.submit && h("button", { name: "screen-submit", class: "primary", text: step.submit.label }),
        !step.submit && !last && h("button", { name: "step-next", class: "primary", text: "Next" }),
        last && this.screen.list && h("button", { type: "button", name: "step-done", class: "primary", text: "Done", on: { click: () => this.open() } })));
    form.addEventListener("change", () => show(form, described));
    submit(form, this.say, (button) => this.#press(button, step, form, described, last));
    this.#show(form);
    show(form, described);
  }

  #turn(by) {
    this.#at += by;
    this.#step();
  }

  async #press(button, step, form, described, last) {
    merge(this.#values, nest(read(form, described, () => true)));
    if (button.name === "screen-test") {
      const result = await this.#call(step.test);
      this.say(`${step.test.label}: ${result.message ?? "sent"}`, result.success === false);
      return;
    }
    if (step.submit) {
      const fields = this.screen.steps.flatMap((entry) => entry.fields ?? []);
      this.#response = await this.#call(this.#update ?? step.submit, only(this.#values, fields));
      this.say("Saved");
      this.done(`${this.provider.title}: ${this.screen.menu.at(-1)} saved`);
    }
    if (!last) this.#turn(1);
  }
}

// errorText finds the message in a provider's error of any shape.
function errorText(body) {
  if (typeof body === "string") return body;
  for (const name of ["message", "detail", "error", "title"]) if (typeof body?.[name] === "string") return body[name];
  return body && JSON.stringify(body);
}

const lookup = (object, path) => path.split(".").reduce((value, name) => value?.[name], object);

// only returns the values of visible fields.
function only(values, fields) {
  const kept = fields.filter(({ when }) => Object.entries(when ?? {}).every(([name, value]) => lookup(values, name) === value));
  return nest(Object.fromEntries(kept.map(({ name }) => [name, lookup(values, name)]).filter(([, value]) => value !== undefined)));
}

// nest converts {"a.b": 1} to {"a": {"b": 1}}.
function nest(flat) {
  const result = {};
  for (const [path, value] of Object.entries(flat)) {
    const names = path.split("."), last = names.pop();
    let at = result;
    for (const name of names) at = at[name] ??= {};
    at[last] = value;
  }
  return result;
}

function merge(into, from) {
  for (const [name, value] of Object.entries(from)) {
    if (value && typeof value === "object" && !Array.isArray(value)) merge((into[name] ??= {}), value);
    else into[name] = value;
  }
}
