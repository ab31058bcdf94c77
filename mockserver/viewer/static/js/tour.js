// The tour for new users: three steps from an empty journal to a delivered webhook.
import { base } from "./root.js";
import { put } from "./dom.js";
import { waiting } from "./journal.js";

const STEP = 30_000; // ms: the delay of the scenario that it plays
const CALLER = "demo"; // the account that plays where none is chosen
const RECEIVER = "/_idmock/v1/receiver/first";

export class FirstMinute {
  #dismissed = false;
  #asked = false; // opened from the menu: shown even after the first webhook

  /** self is the base URL under which the server reaches its own receiver. */
  constructor({ root, play, api, journal, clock, say, busy }) {
    Object.assign(this, { root, play, api, journal, clock, say, busy, self: base });
    const on = (name, act) => root.querySelector(`button[name=${name}]`).addEventListener("click", (event) => act(event.currentTarget));
    on("first-receiver", (button) => busy(button, () => this.#register()));
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
      this.#asked = false;
      this.render();
    });
  }

  /** open shows the tour again. */
  open() {
    this.#dismissed = false;
    this.#asked = true;
    this.render();
    this.root.scrollIntoView({ block: "nearest" });
    this.root.querySelector("button[name=first-receiver]").focus();
  }

  /** deliver does all steps of the tour. It registers the built-in receiver only if no endpoint applies. */
  deliver(button) {
    return this.busy(button, async () => {
      this.play.choose();
      const applies = ({ account, provider }) => provider === this.play.provider && (!account || account === (this.api.account || CALLER));
      if (!(await this.api.endpoints("")).some(applies)) await this.#register();
      const { provider, scenario } = this.play;
      await this.api.play({ provider, scenario });
      const { delivered, exhausted } = await this.api.advance(`${STEP + 1000}ms`);
      this.say(delivered ? `${scenario} played and its webhook delivered` : exhausted ? `${scenario} played; its webhook failed` : `${scenario} played; its webhook is not delivered yet`);
    });
  }

  async #register() {
    const url = this.self + RECEIVER;
    await this.api.addEndpoint({ provider: this.play.provider, url });
    this.say(`Webhook endpoint set to ${url}`);
  }

  render() {
    const { rows, runs, endpoints, attempted } = this.journal;
    this.root.hidden = !this.#asked && (this.#dismissed || attempted || rows.size > 50);
    document.body.dataset.tour = this.root.hidden ? "" : rows.size ? "beside" : "alone";
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
