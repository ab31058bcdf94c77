// Webhooks that are held back: a line above the list that says so and lets them go, and the window that begins
// and ends holds, for the chosen account or for everybody.
import { dialog, submit } from "./dialog.js";
import { h, put } from "./dom.js";
import { field, read } from "./fields.js";
import { plural } from "./format.js";

const REST = 300; // ms between questions to the server while entries tell of holds

export class Holds {
  #timer = 0;

  constructor({ root, api, directory, journal, say, busy }) {
    Object.assign(this, { root, api, directory, journal, say, busy });
    this.text = root.querySelector("p");
    root.querySelector("button").addEventListener("click", ({ currentTarget }) => this.releaseAll(currentTarget));
  }

  /** changed asks the server again, soon. */
  changed() {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.api.holds().then((holding) => this.#show(holding), () => {}); // a server that is gone is told of elsewhere
    }, REST);
  }

  #show({ held, holds }) {
    this.root.hidden = !held && !holds.length;
    this.root.dataset.held = held;
    put(this.text, this.root.hidden ? "" : `${plural(held, "webhook")} held` + (holds.length ? `. What falls due is held: ${holds.map(words).join("; ")}` : ""));
  }

  /** releaseAll ends the holds over the chosen account, everybody's among them, and lets go of all that is held. */
  releaseAll(button) {
    return this.busy(button, async () => {
      const { holds } = await this.api.holds();
      let released = 0;
      for (const { id, account } of holds.filter((one) => one.account !== this.api.account)) released += (await this.api.endHold(id, account)).released;
      released += (await this.api.endHolds()).released;
      this.say(`${plural(released, "webhook")} released`);
      this.changed();
    });
  }

  /** window shows the holds, and begins and ends them. */
  window() {
    dialog("holds", "Hold webhooks", (body, close, say) => {
      const list = h("ul", { class: "plain", "aria-label": "Holds" });
      const events = this.directory.providers.flatMap((one) => one.events.map(({ name }) => name));
      const described = [
        { name: "provider", label: "Only provider", type: "choice", values: ["", ...this.directory.providers.map(({ name }) => name)] },
        { name: "event", label: "Only event", type: "choice", values: ["", ...new Set(events)] },
        { name: "endpoint", label: "Only endpoint", type: "choice", ...this.#endpoints() },
      ];
      const form = h("form", {}, list,
        h("p", { class: "quiet", text: "Whatever falls due from now on waits until it is released here, in its details, or when the hold ends." }),
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
        if (!list.children.length) list.append(h("li", { class: "quiet", text: "None is on: webhooks go out as they fall due." }));
      };
      const act = (change) => change().then(show).catch((error) => say(error.message, true));
      submit(form, say, async () => {
        await this.api.addHold(read(form, described));
        await show();
        say("It holds");
      });
      body.append(form);
      act(async () => {});
    });
  }

  #endpoints() {
    const all = [...this.journal.endpoints.values()].filter(({ account }) => !this.api.account || !account || account === this.api.account);
    return { values: ["", ...all.map(({ id }) => id)], labels: ["–", ...all.map(({ provider, url }) => `${provider}: ${url}`)] };
  }
}

const words = ({ account, provider, event, endpoint }) =>
  [provider, event, endpoint].filter(Boolean).join(" · ") + (provider || event || endpoint ? "" : "everything") + (account ? ` of ${account}` : " of everybody");
