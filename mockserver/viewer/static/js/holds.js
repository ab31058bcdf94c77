// Holds: the banner above the list with its release button, and the dialog that adds and ends holds of the selected account or
// of all accounts.
import { dialog, submit } from "./dialog.js";
import { h, put } from "./dom.js";
import { field, read } from "./fields.js";
import { plural } from "./format.js";

const REST = 300; // ms between requests while holds change

export class Holds {
  #timer = 0;

  constructor({ root, api, directory, journal, say, busy }) {
    Object.assign(this, { root, api, directory, journal, say, busy });
    this.text = root.querySelector("p");
    root.querySelector("button").addEventListener("click", ({ currentTarget }) => this.releaseAll(currentTarget));
  }

  /** changed reloads the holds soon. */
  changed() {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.api.holds().then((holding) => this.#show(holding), () => {}); // the connection state reports a lost server
    }, REST);
  }

  #show({ held, holds }) {
    this.root.hidden = !held && !holds.length;
    this.root.dataset.held = held;
    put(this.text, this.root.hidden ? "" : `${plural(held, "webhook")} held` + (holds.length ? `. Active holds: ${holds.map(words).join("; ")}` : ""));
  }

  /** releaseAll ends the holds that apply to the selected account, including those of all accounts, and releases its webhooks. */
  releaseAll(button) {
    return this.busy(button, async () => {
      const { holds } = await this.api.holds();
      let released = 0;
      for (const { id, account } of holds.filter((entry) => entry.account !== this.api.account)) released += (await this.api.endHold(id, account)).released;
      released += (await this.api.endHolds()).released;
      this.say(`${plural(released, "webhook")} released`);
      this.changed();
    });
  }

  /** window opens the dialog. */
  window() {
    dialog("holds", "Hold webhooks", (body, close, say) => {
      const list = h("ul", { class: "plain", "aria-label": "Holds" });
      const events = this.directory.providers.flatMap((entry) => entry.events.map(({ name }) => name));
      const described = [
        { name: "provider", label: "Only provider", type: "choice", values: ["", ...this.directory.providers.map(({ name }) => name)] },
        { name: "event", label: "Only event", type: "choice", values: ["", ...new Set(events)] },
        { name: "endpoint", label: "Only endpoint", type: "choice", ...this.#endpoints() },
      ];
      const form = h("form", {}, list,
        h("p", { class: "quiet", text: "Holds matching webhooks that fall due from now on, until they are released or the hold ends." }),
        described.map(field), h("div", { class: "formbar" }, h("button", { name: "hold-on", class: "primary", text: "Hold" })));
      const show = async () => {
        const holding = await this.api.holds();
        this.#show(holding);
        list.replaceChildren(...holding.holds.map((hold) => h("li", { data: { hold: hold.id } },
          h("span", { class: "badge", data: { status: "held" }, text: `${hold.held} held` }), " ", words(hold), " ",
          h("button", { type: "button", class: "small", name: "hold-off", text: "End and release", on: { click: () => act(async () => {
            const { released } = await this.api.endHold(hold.id, hold.account);
            say(`${plural(released, "webhook")} released`);
          }) } }))));
        if (!list.children.length) list.append(h("li", { class: "quiet", text: "No holds: webhooks are sent when they are due." }));
      };
      const act = (change) => change().then(show).catch((error) => say(error.message, true));
      submit(form, say, async () => {
        await this.api.addHold(read(form, described));
        await show();
        say("Hold added");
      });
      body.append(form);
      act(async () => {});
    });
  }

  #endpoints() {
    const endpoints = [...this.journal.endpoints.values()].filter(({ account }) => !this.api.account || !account || account === this.api.account);
    return { values: ["", ...endpoints.map(({ id }) => id)], labels: ["–", ...endpoints.map(({ provider, url }) => `${provider}: ${url}`)] };
  }
}

const words = ({ account, provider, event, endpoint }) =>
  [provider, event, endpoint].filter(Boolean).join(" · ") + (provider || event || endpoint ? "" : "all webhooks") + (account ? ` of ${account}` : " of all accounts");
