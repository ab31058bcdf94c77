// The details of one delivery or call.
import { attempts, exchange, expectations } from "./attempts.js";
import { h, patch, put } from "./dom.js";
import { address, countdown, dateTime } from "./format.js";
import { causeOf, waiting } from "./journal.js";
import { runStates } from "./run.js";
import { popup } from "./menu.js";
import { trace } from "./trace.js";
import { verdict } from "./verdict.js";
import { statusInWords } from "./words.js";

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
      verdict(row, { ...tools, outcome: this.#outcome(row), due: this.#countdown(row), register: this.#button("register", "Register a webhook endpoint", () => this.acts.register(row)) }),
      section("Trace", trace(this.journal, row, { link, scenario: this.#scenario(row, "trace"), now: this.clocks.now(row.account) }), "trace"),
      section("Attempts", attempts(row, tools), "attempts"),
      row.expects.length > 0 && section("Expected", expectations(row.expects)),
      section("Triggered by", this.#cause(row, tools)),
      section("About", this.#facts([
        ["Endpoint", row.url, "mono", true], ["Delivery", row.id, "mono", true], ["Endpoint ID", row.endpoint, "mono", true],
        ["Provider", row.provider], ["Account", row.account, "mono", true], ...this.#about(row), ["Sent manually", row.manual && "yes"],
      ])),
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
      verdict(row, { outcome: this.#outcome(row), due: this.#countdown(row), scenario: this.#scenario(row, "verdict") }),
      section("Request and response", exchange(call, row.key, this.#tools(row))),
      deliveries.length > 0 && section("Deliveries", h("ul", { class: "links" }, deliveries.map((other) => h("li", {}, this.#link(other))))),
      section("About", [
        this.#facts([["Path", call.path, "mono", true], ["Provider", call.provider], ["Account", row.account, "mono", true], ...this.#about(row)]),
        times([["Received", row.at, row.wall]]),
      ]),
      this.#states(row),
    ];
  }

  #head(row, title, status) {
    const family = row.type === "call" && String(status)[0];
    const offered = this.acts.offered(row).map(([name, text, act, rank]) => [this.#button(name, text, (button) => act(row, button)), rank]);
    this.root.dataset.primary = offered.find(([, rank]) => rank === "primary")?.[0].name ?? ""; // not on the button: it stays the same element
    return h("header", { class: "detail-head" },
      h("div", { class: "title" },
        h("span", { class: "badge", data: { status, family }, text: row.type === "call" ? status : statusInWords(status) }),
        h("h2", { tabindex: "-1", data: { key: "title" } }, h("bdi", { text: title })),
        this.#button("close", "Close", () => this.close())),
      h("div", { class: "actions", role: "group", "aria-label": "Actions" },
        offered.filter(([, rank]) => rank !== "more").map(([button]) => button), popup("more", "More", offered.filter(([, rank]) => rank === "more").map(([button]) => button))));
  }

  #outcome(row) {
    return this.directory.outcome(this.journal.run(row.account, row.run));
  }

  #about(row) {
    const run = this.journal.run(row.account, row.run);
    return [["Outcome", this.#outcome(row)?.label], ["Scenario", (row.scenario ?? run?.scenario) && this.#scenario(row)], ["Run", row.run, "mono", true],
      ["Reference", run?.reference !== row.run && run?.reference, "mono", true], ["Subject", run?.subject, "mono", true]];
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
    const text = short ?? (row.type === "call" ? `Open this request: ${row.call.operation ?? row.call.path}` : `${row.event}: ${statusInWords(row.status).toLowerCase()}, ${address(row.url)}`);
    const button = this.#button("show-" + row.type, text, () => this.show(row));
    button.className = "link";
    button.dataset.key = row.key + (short ?? "");
    return button;
  }

  #button(name, text, act) {
    return h("button", { type: "button", name, text, data: { key: name }, on: { click: (event) => act(event.currentTarget) } });
  }

  // facts lists [name, value, style, copied?].
  #facts(list) {
    return h("dl", { class: "facts" }, list.filter(([, value]) => value).map(([name, value, style, copied]) =>
      h("div", {}, h("dt", { text: name }), h("dd", { class: style }, value, copied && this.#copier(name, value)))));
  }

  #copier(name, value) {
    const button = this.#button("copy-fact", "", (pressed) => this.acts.copy(value, pressed));
    button.className = "copy";
    button.ariaLabel = button.title = `Copy ${name.toLowerCase()}`;
    button.dataset.key = `copy ${name}`;
    return button;
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

// times lists moments by both clocks.
function times(rows) {
  return h("table", { class: "moments" },
    h("thead", {}, h("tr", {}, ["Moment", "Account time", "Wall time"].map((text) => h("th", { scope: "col", text })))),
    h("tbody", {}, rows.map(([name, at, wall]) => h("tr", {}, h("th", { scope: "row", text: name }), h("td", { text: dateTime(at) }), h("td", { text: dateTime(wall) })))));
}
