// Webhook settings as in the providers' dashboards, rendered from the provider's description. Buttons call dashboard operations.
import { dialog, focusFirst } from "./dialog.js";
import { h } from "./dom.js";
import { endpoints } from "./endpoints.js";
import { Screen } from "./screen.js";

/** settings opens the endpoints that apply, and the screens of all providers, at the named one. */
export function settings({ api, directory, provider, receiver, done }) {
  const known = directory.providers.filter(({ screens }) => screens?.length);
  const account = api.account || "demo";
  dialog("settings", "Webhook endpoints", (body, close, say) => {
    const view = h("div", { class: "screen" });
    const tabs = known.flatMap((item) => item.screens.map((screen) => ({ provider: item, screen, key: `${item.name}/${screen.name}` })));
    const buttons = tabs.map((tab) => h("button", { type: "button", name: "screen", value: tab.key, text: tab.provider.title + (tab.provider.screens.length > 1 ? `: ${tab.screen.menu.at(-1)}` : ""), on: { click: () => show(tab) } }));
    let chosen;
    const show = (tab) => {
      if (tab === chosen) return; // keep the input
      chosen = tab;
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === tab.key)));
      say("");
      view.dataset.screen = tab.key;
      new Screen(view, tab, { api, account, receiver, say, done }).open();
    };
    const build = (section) => body.replaceChildren(
      section, h("h3", { text: "As in the providers' dashboards" }),
      h("p", { class: "quiet" }, "Account ", h("strong", { text: account }), api.account ? "" : " (choose another at the top of the page)", ". Each API key is a separate account."),
      h("div", { class: "segmented wrap", role: "group", "aria-label": "Provider" }, buttons), view);
    if (!tabs.length) view.append(h("p", { text: "No provider has dashboard screens." }));
    body.append(h("p", { class: "quiet", text: "Loading…" }));
    endpoints({ api, directory, provider, receiver, say, done }).then((section) => { // then at once: nothing moves below the pointer
      build(section);
      focusFirst(body);
      if (tabs.length) show(tabs.find((tab) => tab.provider.name === provider) ?? tabs[0]);
    });
  });
}
