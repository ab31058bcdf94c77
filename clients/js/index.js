// @ts-check
// A client of idmock's control API, for tests. It needs fetch and nothing else. Types and documentation: index.d.ts.

/** The error of a request that idmock rejected: status and the members of the problem document. */
export class IdmockError extends Error {
  constructor(message, status, problem) {
    super(message);
    this.name = "IdmockError";
    this.status = status;
    this.problem = problem;
  }
}

export class Idmock {
  #token;

  constructor(url = globalThis.process?.env?.IDMOCK ?? "http://127.0.0.1:8080", { token } = {}) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  account(key) {
    if (!key) throw new TypeError("an account needs a key");
    return new Account(this, key);
  }

  base(provider) {
    return `${this.url}/${provider}`;
  }

  async ready({ timeout = 10_000 } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
      try {
        return await this.request("GET", "ready");
      } catch (error) {
        if (Date.now() >= end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async request(method, path, body, query = {}) {
    const url = new URL(`${this.url}/_idmock/v1/${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (this.#token) headers.authorization = `Bearer ${this.#token}`;
    const response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    let value;
    try {
      value = text === "" ? undefined : JSON.parse(text);
    } catch {
      value = text;
    }
    if (!response.ok) throw new IdmockError(`${method} ${path}: ${response.status} ${value?.detail ?? text}`, response.status, value);
    return value;
  }
}

export class Account {
  constructor(server, key) {
    this.server = server;
    this.key = key;
  }

  #post(path, body = {}) {
    return this.server.request("POST", path, body, { account: this.key });
  }

  #get(path, query) {
    return this.server.request("GET", path, undefined, { account: this.key, ...query });
  }

  webhook(provider, url, { events } = {}) {
    return this.#post("endpoints", { provider, url, events });
  }

  freeze() {
    return this.#post("clock", { frozen: true });
  }

  resume({ rate = 1 } = {}) {
    return this.#post("clock", { frozen: false, rate });
  }

  advance(by) {
    return this.#post("clock/advance", { by });
  }

  async wait(expectation) {
    return (await this.#post("wait", { timeout: "5s", ...expectation })).entries;
  }

  idle({ timeout = "5s" } = {}) {
    return this.#post("wait/idle", { timeout });
  }

  arm(provider, scenario, { calls, subject } = {}) {
    return this.#post("arm", { provider, scenario, calls, subject });
  }

  fault(fault) {
    return this.#post("faults", typeof fault === "string" ? { fault } : fault);
  }

  send(provider, event, options = {}) {
    return this.#post("send", { provider, event, ...options });
  }

  async deliveries() {
    return (await this.#get("deliveries")).deliveries;
  }

  async journal({ after } = {}) {
    return (await this.#get("journal", { after })).entries;
  }

  async environment(provider) {
    const { variables } = await this.#get(`providers/${encodeURIComponent(provider)}/env`);
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  }

  reset() {
    return this.#post("reset");
  }
}
