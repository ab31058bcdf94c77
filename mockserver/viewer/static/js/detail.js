// Everything about one delivery or one call: where it came from, what was sent, what came back.
import { h } from "./dom.js";
import { address, dateTime, duration } from "./format.js";
import { causeOf, waiting } from "./journal.js";
import { attempts, exchange, expectations } from "./attempts.js";
import { runStates } from "./run.js";

export class Detail {
  #row = null;
  #open = new Map(); // key of a <details> → whether the reader has it open

  constructor({ root, journal, show, resend, advance, closed }) {
    Object.assign(this, { root, journal, show, resend, advance, closed });
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    root.addEventListener("toggle", ({ target }) => {
      if (target.dataset.key) this.#open.set(target.dataset.key, target.open);
    }, true);
  }

  /** open shows a row and moves the keyboard to its heading. */
  open(row) {
    this.#row = row;
    this.#open.clear();
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.#render();
    this.root.querySelector("h2").focus();
  }

  close() {
    if (!this.#row) return;
    const row = this.#row;
    this.#row = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.closed(row);
  }

  /** update shows the row again when it, or something of its run, changed, and closes when it is gone. */
  update({ changed, removed }) {
    if (removed.has(this.#row)) this.close();
    const { run, account } = this.#row ?? {};
    if (!this.#row || ![...changed].some((row) => row === this.#row || (run && row.run === run && row.account === account))) return;
    const focus = document.activeElement?.closest("#detail") && document.activeElement.dataset.key;
    this.#render();
    if (focus) [...this.root.querySelectorAll("[data-key]")].find((element) => element.dataset.key === focus)?.focus();
  }

  #render() {
    const row = this.#row;
    const parts = row.type === "delivery" ? this.#delivery(row) : this.#call(row);
    this.root.replaceChildren(...parts.filter(Boolean));
    for (const element of this.root.querySelectorAll("details[data-key]")) {
      const wanted = this.#open.get(element.dataset.key);
      if (wanted !== undefined) element.open = wanted;
    }
  }

  #delivery(row) {
    const resend = this.#button("resend", "Resend", (button) => this.resend(row, button));
    const advance = waiting(row) && row.due && this.#button("advance-to", "Advance to it", (button) => this.advance(row, button));
    this.root.dataset.detail = row.id;
    return [
      this.#head(row, row.event ?? "(unknown event)", row.status, [advance, resend]),
      facts([
        ["Endpoint", row.url || "none", "mono"], ["Delivery", row.id, "mono"], ["Endpoint ID", row.endpoint, "mono"],
        ["Provider", row.provider], ["Account", row.account], ...this.#about(row),
        [row.attempts.length ? "Next attempt" : "Due", row.due && dateTime(row.due)], ["Sent by hand", row.manual && "yes"],
      ]),
      section("Attempts", attempts(row), "attempts"),
      row.expects.length > 0 && section("Expected", expectations(row.expects)),
      section("Where it came from", this.#cause(row)),
      this.#states(row),
    ];
  }

  #call(row) {
    const { call } = row;
    const run = this.journal.run(row.account, row.run);
    const deliveries = run?.rows.filter((other) => other.type === "delivery") ?? [];
    this.root.dataset.detail = row.id;
    return [
      this.#head(row, call.operation ?? "(no operation)", call.status, []),
      facts([
        ["Call", `${call.method} ${call.path}`, "mono"], ["Provider", call.provider], ["Account", row.account], ...this.#about(row),
        ["Took", duration(call.duration_ms)], ["Received", dateTime(row.at)],
        ["Refused", call.error && [call.error.kind, call.error.field, call.error.message].filter(Boolean).join(": ")],
      ]),
      section("Request and reply", exchange(call, row.key)),
      deliveries.length > 0 && section("What it led to", h("ul", { class: "links" }, deliveries.map((other) => h("li", {}, this.#link(other))))),
      this.#states(row),
    ];
  }

  #head(row, title, status, buttons) {
    const family = row.type === "call" && String(status)[0];
    return h("header", { class: "detail-head" },
      h("span", { class: "badge", data: { status, family }, text: status }),
      h("h2", { tabindex: "-1", data: { key: "title" } }, h("bdi", { text: title })),
      h("span", { class: "actions" }, buttons, this.#button("close", "Close", () => this.close())));
  }

  #about(row) {
    const run = this.journal.run(row.account, row.run);
    return [["Scenario", row.rule ?? row.scenario ?? run?.scenario], ["Run", row.run, "mono"],
      ["Reference", run?.reference !== row.run && run?.reference, "mono"], ["Subject", run?.subject, "mono"]];
  }

  #cause(row) {
    const call = causeOf(this.journal, row);
    if (!call) return h("p", { class: "quiet", text: row.manual ? "Sent by hand." : "No call in the journal: played from here, from the command line, or before the oldest entry kept." });
    return h("details", { class: "card", data: { key: "cause", cause: call.id } },
      h("summary", {}, h("span", { class: "badge", data: { family: String(call.status)[0] }, text: call.status }), " ",
        h("span", { class: "mono", text: `${call.call.method} ${call.call.path}` })),
      h("p", {}, this.#link(call)), exchange(call.call, call.key));
  }

  #states(row) {
    const run = this.journal.run(row.account, row.run);
    return run?.changes.length ? section("State of the run", runStates(run)) : null;
  }

  #link(row) {
    const text = row.type === "call" ? `Open this call: ${row.call.operation ?? row.call.path}` : `${row.event}: ${row.status}, ${address(row.url)}`;
    const button = this.#button("show-" + row.type, text, () => this.show(row));
    button.className = "link";
    button.dataset.key = row.key;
    return button;
  }

  #button(name, text, act) {
    return h("button", { type: "button", name, text, data: { key: name }, on: { click: (event) => act(event.currentTarget) } });
  }
}

function section(title, content, id) {
  return h("section", { id }, h("h3", { text: title }), content);
}

function facts(list) {
  return h("dl", { class: "facts" }, list.filter(([, value]) => value).map(([name, value, style]) =>
    h("div", {}, h("dt", { text: name }), h("dd", { class: style, text: value }))));
}
