// Client of the control API. The list comes from the websocket; these requests fill forms and carry out actions.

import { again } from "./again.js";
import { root } from "./root.js";

const BASE = root.pathname + "_idmock/v1/";

/** Api sends requests for one account, or for all accounts if account is "". */
export class Api {
  account = "";
  #open = new Set(); // accounts that are known to be open

  providers() { return this.#call("GET", "providers", { account: "" }); }
  scenarios() { return this.#inherited("scenarios"); }
  source(provider, scenario, account) { return this.#call("GET", `scenarios/${encodeURIComponent(provider)}/${encodeURIComponent(scenario)}`, { account, text: true }); }
  accounts() { return this.#call("GET", "accounts", { account: "" }); }
  clock(account = this.account) { return this.#call("GET", "clock", { account }); }
  setClock(change) { return this.#call("POST", "clock", { body: change }); }
  advance(by, account = this.account) { return this.#call("POST", "clock/advance", { account, body: { by } }); }
  play(what) { return this.#call("POST", "play", { body: what }); }
  arm(what) { return this.#call("POST", "arm", { body: what }); }
  form(provider, operation) { return this.#call("GET", `providers/${encodeURIComponent(provider)}/operations/${encodeURIComponent(operation)}`, { account: "" }); }
  call(what, account = this.account) { return this.#call("POST", "call", { account, body: what }); }
  simulate(what, account) { return this.#call("POST", "simulate", { account, body: what }); }
  send(what, account = this.account) { return this.#call("POST", "send", { account, body: what }); }
  reset(account = this.account) { return this.#call("POST", "reset", { account }); }
  faultCatalogue() { return this.#call("GET", "faults/catalogue", { account: "" }); }
  faults() { return this.#inherited("faults"); }
  addFault(fault) { return this.#call("POST", "faults", { body: fault }); }
  removeFaults() { return this.#call("DELETE", "faults"); }
  removeFault(id) { return this.#call("DELETE", `faults/${encodeURIComponent(id)}`); }
  holds() { return this.#inherited("holds", ({ holds }) => ({ held: 0, holds: holds.filter(({ account }) => !account) })); }
  addHold(hold) { return this.#call("POST", "holds", { body: hold }); }
  endHolds() { return this.#call("DELETE", "holds"); }
  endHold(id, account) { return this.#call("DELETE", `holds/${encodeURIComponent(id)}`, { account }); }
  record(run, provider, account) { return this.#call("GET", `runs/${encodeURIComponent(run)}/scenario`, { account, query: { provider }, text: true }); }
  environment(provider) { return this.#call("GET", `providers/${encodeURIComponent(provider)}/env`); }
  fidelity(provider) { return this.#call("GET", `providers/${encodeURIComponent(provider)}/fidelity`, { account: "" }); }
  removeEndpoint(id, account) { return this.#call("DELETE", `endpoints/${encodeURIComponent(id)}`, { account }); }
  addEndpoint(endpoint) { return this.#call("POST", "endpoints", { body: endpoint }); }
  endpoints(account = this.account) { return account ? this.#inherited("endpoints", () => []) : this.#call("GET", "endpoints", { account }); }
  checkProfiles() { return this.#call("GET", "conformance/profiles", { account: "" }); }
  checks(kind, provider) { return this.#call("GET", "conformance/checks", { account: "", query: { kind, provider } }); }
  checkRuns() { return this.#inherited("conformance/runs", () => []); }
  beginChecks(ask) { return this.#call("POST", "conformance/runs", { body: ask }); }
  checkRun(id, wait) { return this.#call("GET", `conformance/runs/${encodeURIComponent(id)}`, { account: "", query: { wait } }); }
  checkResult(id, check) { return this.#call("GET", `conformance/runs/${encodeURIComponent(id)}/checks/${check}`, { account: "" }); }
  checkReport(id, format) { return `${BASE}conformance/runs/${encodeURIComponent(id)}?format=${format}`; }
  stopChecks(id) { return this.#call("DELETE", `conformance/runs/${encodeURIComponent(id)}`, { account: "" }); }

  /** resend resends a delivery; {body, headers, sign} override parts of it. */
  resend(delivery, account, change) {
    return this.#call("POST", `deliveries/${encodeURIComponent(delivery)}/resend`, { account, body: change });
  }

  /** hold and release act on one delivery. */
  hold(delivery, account) { return this.#call("POST", `deliveries/${encodeURIComponent(delivery)}/hold`, { account }); }
  release(delivery, account) { return this.#call("POST", `deliveries/${encodeURIComponent(delivery)}/release`, { account }); }

  /** address returns a download URL. */
  address(path, query) {
    const url = new URL(BASE + path, location.href);
    for (const [name, value] of Object.entries({ ...query, account: this.account })) if (value) url.searchParams.set(name, value);
    return url.pathname + url.search;
  }

  // inherited reads something of the account. One that is not open yet has its part of what all accounts have.
  async #inherited(path, part = (all) => all) {
    if (await this.#isOpen(this.account)) return this.#call("GET", path);
    return part(await this.#call("GET", path, { account: "" }));
  }

  async #isOpen(account) {
    if (!account || this.#open.has(account)) return true;
    this.#open = new Set((await this.accounts()).map(({ name }) => name));
    return this.#open.has(account);
  }

  async #call(method, path, { account = this.account, query: more = {}, body, text: plain } = {}) {
    const query = Object.entries({ ...more, account }).filter(([, value]) => value).map(([name, value], i) => `${i ? "&" : "?"}${name}=${encodeURIComponent(value)}`).join("");
    const init = { method, headers: { Accept: "application/json" }, cache: "no-store" };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers["Content-Type"] = "application/json";
    }
    const send = async () => {
      const response = await fetch(BASE + path + query, init);
      return { response, text: await response.text() };
    };
    const { response, text } = await (method === "GET" || body?.quiet || body?.preview ? again(send) : send()).catch(() => {
      throw new Error("The server does not respond. Is idmock still running?");
    });
    if (response.status === 401) location.assign(root.pathname + "login" + location.search + location.hash); // the server requires its token
    if (response.status === 404) this.#open.delete(account); // it may have been deleted
    if (!response.ok) throw new Error(problem(text) || `${method} ${path} responded with ${response.status}`);
    return plain ? text : text ? JSON.parse(text) : null;
  }
}

// problem returns the detail of an RFC 9457 body.
function problem(text) {
  try {
    const { title, detail } = JSON.parse(text);
    return detail || title || "";
  } catch {
    return "";
  }
}
