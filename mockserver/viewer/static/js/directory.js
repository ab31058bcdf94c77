// Cache of providers, scenarios, and accounts with their credentials, loaded once per connection.

export class Directory {
  #providers = new Map();
  #accounts = null; // a promise of Map: account → {credentials, …}
  scenarios = [];

  constructor({ api, changed }) {
    Object.assign(this, { api, changed });
  }

  /** load loads providers and scenarios. */
  async load() {
    this.#accounts = null;
    const [providers, scenarios] = await Promise.all([this.api.providers(), this.api.scenarios()]);
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
    this.scenarios = scenarios;
    this.changed();
  }

  get providers() { return [...this.#providers.values()]; }
  provider(name) { return this.#providers.get(name); }

  /** hook returns how a provider delivers webhooks. */
  hook(name) { return this.#providers.get(name)?.webhook; }

  /** outcome returns the label and the verdict of a run's outcome, or its status if the provider has no table. */
  outcome(run) {
    const state = run?.state ?? {};
    const known = this.#providers.get(run?.provider)?.outcomes?.find(({ name }) => name === state.outcome);
    if (known) return known;
    const text = [state.outcome, state.status].find((part) => typeof part === "string");
    return text ? { name: text, label: text } : undefined;
  }

  scenario(provider, name) {
    return this.scenarios.find((scenario) => scenario.provider === provider && scenario.name === name);
  }

  /** credentials returns an account's credentials for a provider, generated on first use of the account. */
  async credentials(account, provider) {
    let known = await (this.#accounts ??= this.#ask());
    if (!known.has(account)) known = await (this.#accounts = this.#ask());
    return known.get(account)?.credentials?.[provider];
  }

  async #ask() {
    return new Map((await this.api.accounts()).map((account) => [account.name, account]));
  }
}
