// The details of one delivery or call.
import { attempts, exchange, expectations } from "./attempts.js";
import { h, patch, put } from "./dom.js";
import { address, countdown, dateTime, duration } from "./format.js";
import { causeOf, waiting } from "./journal.js";
import { runStates } from "./run.js";
import { trace } from "./trace.js";
import { whatNext } from "./words.js";

export class Detail {
  #row = null;
  #credentials = null; // of the row's account for its provider, once loaded
  #open = new Map(); // key of a <details> → expanded

  #late = false; // a change was postponed while a pointer was down

  /** acts: the actions (row, button): advance, resend, edit, copy(text, button), … */
  constructor({ root, journal, directory, clocks, press, show, acts, closed }) {
    Object.assign(this, { root, journal, directory, clocks, press, show, acts, closed });
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    root.addEventListener("toggle", ({ target }) => {
      if (target.dataset.key) this.#open.set(target.dataset.key, target.open);
    }, true);
    setInterval(() => document.hidden || this.#tick(), 500);
  }

  get row() { return this.#row; }

  /** open shows a row and focuses its heading. */
  open(row) {
    this.#row = row;
    this.#credentials = null;
    this.#open.clear();
    this.root.hidden = false;
    this.root.replaceChildren(); // equal elements would act on the previous row
    this.root.scrollTop = 0;
    this.#render();
    this.root.querySelector("h2").focus();
    this.#learn(row);
  }

  close() {
    if (!this.#row) return;
    const row = this.#row;
    this.#row = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.closed(row);
  }

  /** update renders the row again if it or its run changed, and closes if it was removed. */
  update({ changed, removed }) {
    if (removed.has(this.#row)) this.close();
    const { run, account } = this.#row ?? {};
    if (!this.#row || !this.#late && ![...changed].some((row) => row === this.#row || (run && row.run === run && row.account === account))) return;
    this.refresh();
  }

  /** refresh renders the row again and keeps the focus. */
  refresh() {
    if (!this.#row) return;
    if (this.press.down) {
      this.#late = true;
      return;
    }
    this.#late = false;
    const focus = document.activeElement?.closest("#detail") && document.activeElement.dataset.key;
    this.#render();
    if (focus && !this.root.contains(document.activeElement)) [...this.root.querySelectorAll("[data-key]")].find((element) => element.dataset.key === focus)?.focus();
  }

  async #learn(row) {
    if (row.type !== "delivery" || !row.provider) return;
    const credentials = await this.directory.credentials(row.account, row.provider).catch(() => null);
    if (!credentials || row !== this.#row) return;
    this.#credentials = credentials;
    this.refresh();
  }

  #render() {
    const row = this.#row;
    const parts = row.type === "delivery" ? this.#delivery(row) : this.#call(row);
    const section = h("div", {}, parts);
    for (const element of section.querySelectorAll("details[data-key]")) {
      const wanted = this.#open.get(element.dataset.key);
      if (wanted !== undefined) element.open = wanted;
    }
    const at = this.root.scrollTop;
    patch(this.root, [...section.childNodes]);
    this.root.scrollTop = at;
  }

  #tools(row) {
    return { hook: this.directory.hook(row.provider), credentials: this.#credentials, copy: this.acts.copy };
  }

  #delivery(row) {
    const tools = this.#tools(row);
    const link = (other) => this.#link(other, "Open");
    this.root.dataset.detail = row.id;
    return [
      this.#head(row, row.event ?? "(unknown event)", row.status),
      h("p", { class: "ahead" }, h("strong", { text: "Next " }), whatNext(row, tools.hook), " ", h("span", { class: "due", text: this.#countdown(row) })),
      facts([
        ["Endpoint", row.url || "none", "mono"], ["Delivery", row.id, "mono"], ["Endpoint ID", row.endpoint, "mono"],
        ["Provider", row.provider], ["Account", row.account], ...this.#about(row), ["Sent manually", row.manual && "yes"],
      ]),
      section("Trace", trace(this.journal, row, { link, scenario: this.#scenario(row, "trace"), now: this.clocks.now(row.account) }), "trace"),
      section("Attempts", attempts(row, tools), "attempts"),
      row.expects.length > 0 && section("Expected", expectations(row.expects)),
      section("Triggered by", this.#cause(row, tools)),
      this.#states(row),
    ];
  }

  #call(row) {
    const { call } = row;
    const run = this.journal.run(row.account, row.run);
    const deliveries = run?.rows.filter((other) => other.type === "delivery") ?? [];
    this.root.dataset.detail = row.id;
    return [
      this.#head(row, call.operation ?? "(no operation)", call.status),
      row.due && h("p", { class: "ahead" }, h("strong", { text: "Next " }), `The scenario continues at ${dateTime(row.due)} account time. `, h("span", { class: "due", text: this.#countdown(row) })),
      facts([
        ["Call", `${call.method} ${call.path}`, "mono"], ["Provider", call.provider], ["Account", row.account], ...this.#about(row),
        ["Took", duration(call.duration_ms)], ["Received (account time)", dateTime(row.at)], ["Received (wall time)", dateTime(row.wall)],
        ["Refused", call.error && [call.error.kind, call.error.field, call.error.message].filter(Boolean).join(": ")],
      ]),
      section("Request and response", exchange(call, row.key, this.#tools(row))),
      deliveries.length > 0 && section("Deliveries", h("ul", { class: "links" }, deliveries.map((other) => h("li", {}, this.#link(other))))),
      this.#states(row),
    ];
  }

  #head(row, title, status) {
    const family = row.type === "call" && String(status)[0];
    return h("header", { class: "detail-head" },
      h("div", { class: "title" },
        h("span", { class: "badge", data: { status, family }, text: status }),
        h("h2", { tabindex: "-1", data: { key: "title" } }, h("bdi", { text: title })),
        this.#button("close", "Close", () => this.close())),
      h("div", { class: "actions", role: "group", "aria-label": "Actions" },
        this.acts.offered(row).map(([name, text, act]) => this.#button(name, text, (button) => act(row, button)))));
  }

  #about(row) {
    const run = this.journal.run(row.account, row.run);
    const outcome = this.directory.provider(run?.provider)?.outcomes?.find(({ name }) => name === run.state?.outcome);
    return [["Outcome", outcome?.label], ["Scenario", (row.scenario ?? run?.scenario) && this.#scenario(row)], ["Run", row.run, "mono"],
      ["Reference", run?.reference !== row.run && run?.reference, "mono"], ["Subject", run?.subject, "mono"]];
  }

  #scenario(row, where = "") {
    const name = row.scenario ?? this.journal.run(row.account, row.run)?.scenario ?? "";
    const rule = row.rule && h("span", { class: "quiet", text: ` (${row.rule})` });
    if (!name) return [name, rule].filter(Boolean);
    const link = h("button", { type: "button", class: "link", name: "show-source", title: "Show the scenario at this rule", text: name, data: { key: "source" + where }, on: { click: (event) => this.acts.source(row, event.currentTarget) } });
    return [link, rule].filter(Boolean);
  }

  #cause(row, tools) {
    const call = causeOf(this.journal, row);
    if (!call) return h("p", { class: "quiet", text: row.manual ? "Sent manually." : "No request in the journal: played from this page or the command line, or older than the journal." });
    return h("details", { class: "card", data: { key: "cause", cause: call.id } },
      h("summary", {}, h("span", { class: "badge", data: { family: String(call.status)[0] }, text: call.status }), " ",
        h("span", { class: "mono", text: `${call.call.method} ${call.call.path}` })),
      h("p", {}, this.#link(call)), exchange(call.call, call.key, tools));
  }

  #states(row) {
    const run = this.journal.run(row.account, row.run);
    return run?.changes.length ? section("Run state", runStates(run)) : null;
  }

  #link(row, short) {
    const text = short ?? (row.type === "call" ? `Open this call: ${row.call.operation ?? row.call.path}` : `${row.event}: ${row.status}, ${address(row.url)}`);
    const button = this.#button("show-" + row.type, text, () => this.show(row));
    button.className = "link";
    button.dataset.key = row.key + (short ?? "");
    return button;
  }

  #button(name, text, act) {
    return h("button", { type: "button", name, text, data: { key: name }, on: { click: (event) => act(event.currentTarget) } });
  }

  #countdown(row) {
    return waiting(row) && row.due ? countdown(Date.parse(row.due) - this.clocks.now(row.account)) : "";
  }

  #tick() {
    if (this.#row) for (const due of this.root.querySelectorAll(".due")) put(due, this.#countdown(this.#row));
  }
}

function section(title, content, id) {
  return h("section", { id }, h("h3", { text: title }), content);
}

function facts(list) {
  return h("dl", { class: "facts" }, list.filter(([, value]) => value).map(([name, value, style]) =>
    h("div", {}, h("dt", { text: name }), h("dd", { class: style }, value))));
}
