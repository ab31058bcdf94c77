// The webhook endpoints that apply: the account's own, or those of the default account, with a test event.
import { submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field } from "./fields.js";

/** endpoints returns the section with the loaded list and the form that registers another. */
export async function endpoints({ api, directory, provider, receiver, say, done }) {
  const list = h("ul", { class: "items", role: "list", "aria-label": "Webhook endpoints" });
  const act = (change) => change().then(show).catch((error) => say(error.message, true));
  const show = async () => {
    const inherited = (await api.endpoints("")).filter(({ account }) => !account);
    const own = (await api.endpoints()).filter(({ account }) => account);
    const rows = [...own, ...inherited].map((entry) => ({ ...entry, replaced: !entry.account && api.account && own.some((other) => other.provider === entry.provider) }));
    list.replaceChildren(...rows.map((entry) => h("li", { data: { endpoint: entry.id, scope: entry.account ? "own" : "default" } },
      h("div", {}, h("p", { class: "mono", text: entry.url }), h("p", { class: "quiet", text: `${directory.provider(entry.provider)?.title ?? entry.provider} · ${scope(entry)}${entry.events?.length ? ` · ${entry.events.join(", ")}` : ""}` })),
      h("span", { class: "group" },
        !entry.replaced && h("button", { type: "button", class: "small", name: "endpoint-test", text: "Send test event", on: { click: () => act(() => test(entry)) } }),
        h("button", { type: "button", class: "small", name: "endpoint-remove", text: "Delete", on: { click: () => act(() => api.removeEndpoint(entry.id, entry.account)) } })))));
    if (!rows.length) list.append(h("li", { class: "quiet", text: "No endpoint applies yet: webhooks are not sent. Register your app's webhook URL." }));
  };
  const test = async ({ provider: of, account, events }) => {
    const sends = directory.provider(of).events.filter(({ name, on_request: asked }) => (events?.length ? events.includes(name) : !asked));
    const event = sends.toSorted((a, b) => (b.outcomes?.length ?? 0) - (a.outcomes?.length ?? 0))[0]?.name; // the most general one
    await api.send({ provider: of, event }, account || api.account);
    say(`${event} sent: see the list`);
    done(`${event} sent`);
  };
  const form = h("form", {}, field({ name: "provider", label: "Provider", type: "choice" }),
    field({ name: "url", label: "Webhook URL", type: "url", placeholder: "http://127.0.0.1:3000/webhooks" }),
    h("div", { class: "formbar" },
      h("button", { type: "button", name: "endpoint-builtin", text: "Use the built-in receiver", on: { click: () => (form.elements.url.value = receiver(form.elements.provider.value)) } }),
      h("button", { name: "endpoint-add", class: "primary", text: "Register endpoint" })));
  fill(form.elements.provider, directory.providers.map(({ name, title }) => [name, title ?? name]));
  form.elements.provider.value = provider;
  submit(form, say, async () => {
    if (!form.elements.url.value.trim()) throw new Error("URL is required");
    await api.addEndpoint({ provider: form.elements.provider.value, url: form.elements.url.value.trim() });
    say(api.account ? `Registered for ${api.account}` : "Registered for every account without its own endpoint");
    await show();
  });
  await act(async () => {});
  return h("section", { class: "endpoints" }, list, form);

  function scope({ account, replaced }) {
    if (account) return `account ${account}`;
    return replaced ? `default: does not apply, ${api.account} has its own endpoint` : "default: applies to every account without its own";
  }
}
