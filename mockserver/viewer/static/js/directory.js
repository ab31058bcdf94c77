// What the control API knows beside the journal: providers, scenarios, accounts with their
// credentials. Asked once a connection and kept; whoever shows something asks here.

export class Directory {
  #providers = new Map();
  #accounts = null; // a promise of Map: account → {credentials, …}
  scenarios = [];

  constructor({ api, changed }) {
    Object.assign(this, { api, changed });
  }

  /** load asks for what can be played and how providers deliver. */
  async load() {
    this.#accounts = null;
    const [providers, scenarios] = await Promise.all([this.api.providers(), this.api.scenarios()]);
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
    this.scenarios = scenarios;
    this.changed();
  }

  get providers() { return [...this.#providers.values()]; }
  provider(name) { return this.#providers.get(name); }

  /** hook is how a provider delivers. */
  hook(name) { return this.#providers.get(name)?.webhook; }

  scenario(provider, name) {
    return this.scenarios.find((scenario) => scenario.provider === provider && scenario.name === name);
  }

  /** credentials are what an account holds with a provider: they are made when an account is first used. */
  async credentials(account, provider) {
    let known = await (this.#accounts ??= this.#ask());
    if (!known.has(account)) known = await (this.#accounts = this.#ask());
    return known.get(account)?.credentials?.[provider];
  }

  async #ask() {
    return new Map((await this.api.accounts()).map((account) => [account.name, account]));
  }
}
