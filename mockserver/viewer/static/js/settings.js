// Webhook settings as the providers' own dashboards have them: each screen in its own words, from the
// provider's description. What a button does is a call to a dashboard operation, as if it were pressed there.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { Screen } from "./screen.js";

/** settings opens the screens of all providers, at the one that is named. */
export function settings({ api, directory, provider, receiver, done }) {
  const known = directory.providers.filter(({ screens }) => screens?.length);
  const account = api.account || "demo";
  dialog("settings", "Webhook settings", (body, close, say) => {
    const view = h("div", { class: "screen" });
    const tabs = known.flatMap((one) => one.screens.map((screen) => ({ provider: one, screen, key: `${one.name}/${screen.name}` })));
    const buttons = tabs.map((tab) => h("button", { type: "button", name: "screen", value: tab.key, text: tab.provider.title + (tab.provider.screens.length > 1 ? `: ${tab.screen.menu.at(-1)}` : ""), on: { click: () => show(tab) } }));
    let chosen;
    const show = (tab) => {
      if (tab === chosen) return; // what was filled in stays
      chosen = tab;
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === tab.key)));
      say("");
      view.dataset.screen = tab.key;
      new Screen(view, tab, { api, account, receiver, say, done }).open();
    };
    body.append(
      h("p", { class: "quiet" }, "Account ", h("strong", { text: account }), api.account ? "" : " (choose another at the top of the page)", ". Each key that your app sends is an account of its own."),
      h("div", { class: "segmented wrap", role: "group", "aria-label": "Provider" }, buttons), view);
    if (tabs.length) show(tabs.find((tab) => tab.provider.name === provider) ?? tabs[0]);
    else view.append(h("p", { text: "No provider here has a dashboard." }));
  });
}
