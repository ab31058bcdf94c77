// Webhook settings as the providers' own dashboards have them: each screen in its own words, from the
// provider's description. What a button does is a call to a dashboard operation, as if it were pressed there.
import { dialog, submit } from "./dialog.js";
import { h } from "./dom.js";
import { field, read } from "./fields.js";

/** settings opens the screens of all providers, at the one that is named. */
export function settings({ api, directory, provider, receiver, done }) {
  const known = directory.providers.filter(({ screens }) => screens?.length);
  const account = api.account || "demo";
  dialog("settings", "Webhook settings", (body, close, say) => {
    const view = h("div", { class: "screen" });
    const tabs = known.flatMap((one) => one.screens.map((screen) => ({ provider: one, screen, key: `${one.name}/${screen.name}` })));
    const buttons = tabs.map((tab) => h("button", { type: "button", name: "screen", value: tab.key, text: tab.provider.title + (tab.provider.screens.length > 1 ? `: ${tab.screen.menu.at(-1)}` : ""), on: { click: () => show(tab) } }));
    const show = (tab) => {
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === tab.key)));
      say("");
      open(view, tab, { api, account, receiver, say, done });
    };
    body.append(
      h("p", { class: "quiet" }, "Account ", h("strong", { text: account }), api.account ? "" : " (choose another at the top of the page)", ". Each key that your app sends is an account of its own."),
      h("div", { class: "segmented wrap", role: "group", "aria-label": "Provider" }, buttons), view);
    if (tabs.length) show(tabs.find((tab) => tab.provider.name === provider) ?? tabs[0]);
    else view.append(h("p", { text: "No provider here has a dashboard." }));
  });
}

async function open(view, { provider, screen, key }, tools) {
  view.dataset.screen = key;
  view.replaceChildren(h("p", { class: "quiet", text: "Reading…" }));
  const call = async (operation, body) => {
    const { status, body: answer } = await tools.api.call({ provider: provider.name, operation, ...(body && { body }) }, tools.account);
    if (status >= 400) throw new Error(complaint(answer) ?? `${provider.title} answered ${status}`);
    return answer ?? {};
  };
  let values = {};
  try {
    if (screen.read) values = await call(screen.read);
  } catch (error) {
    tools.say(error.message, true);
  }
  if (view.dataset.screen !== key) return; // another one was chosen meanwhile
  let at = 0;
  const gathered = {}; // what the earlier steps of a wizard were given
  const render = () => {
    const step = screen.steps[at], several = screen.steps.length > 1, last = at === screen.steps.length - 1;
    const described = (step.fields ?? []).map((one) => ({ ...one, value: lookup(gathered, one.name) ?? lookup(values, one.name) }));
    const form = h("form", {},
      several && h("ol", { class: "steps", role: "list" }, screen.steps.map((one, i) => h("li", { "aria-current": i === at && "step", text: `${i + 1}. ${one.title ?? ""}` }))),
      step.title && h("h3", { text: step.title }), step.about && h("p", { text: step.about }),
      described.map(field),
      described.some((one) => one.type === "url") && h("button", { type: "button", class: "link", name: "use-receiver", text: "Use the built-in receiver", on: { click: () => {
        form.elements.namedItem(described.find((one) => one.type === "url").name).value = tools.receiver(provider.name);
      } } }),
      h("div", { class: "formbar" },
        at > 0 && h("button", { type: "button", name: "step-back", text: "Back", on: { click: () => { at--; render(); } } }),
        step.test && h("button", { name: "screen-test", "data-mock": step.test.mock, title: step.test.mock && "The real dashboard has no such button", text: step.test.label }),
        step.submit ? h("button", { name: "screen-submit", class: "primary", text: step.submit.label }) : !last && h("button", { name: "step-next", class: "primary", text: "Next" })));
    submit(form, tools.say, async (button) => {
      const given = nest(read(form, described, () => true));
      merge(gathered, given);
      if (button.name === "screen-test") {
        await call(step.test.operation, screen.steps.length > 1 ? gathered : undefined);
        tools.say(`${step.test.label}: on its way`);
        return;
      }
      if (step.submit) {
        values = { ...values, ...(await call(step.submit.operation, gathered)) };
        tools.say("Saved");
        tools.done(`${provider.title}: ${screen.menu.at(-1)} saved`);
      }
      if (!last) {
        at++;
        render();
      }
    });
    view.replaceChildren(
      h("nav", { "aria-label": "Where this stands in the dashboard" }, h("p", { class: "crumbs", text: screen.menu.join(" → ") })),
      screen.about ? h("p", { text: screen.about }) : "", form);
  };
  render();
}

// complaint finds the sentence in a provider's error, whatever shape it has.
function complaint(answer) {
  if (typeof answer === "string") return answer;
  for (const name of ["message", "detail", "error", "title"]) if (typeof answer?.[name] === "string") return answer[name];
  return answer && JSON.stringify(answer);
}

const lookup = (object, path) => path.split(".").reduce((value, name) => value?.[name], object);

// nest turns {"a.b": 1} into {"a": {"b": 1}}.
function nest(flat) {
  const made = {};
  for (const [path, value] of Object.entries(flat)) {
    const names = path.split("."), last = names.pop();
    let at = made;
    for (const name of names) at = at[name] ??= {};
    at[last] = value;
  }
  return made;
}

function merge(into, from) {
  for (const [name, value] of Object.entries(from)) {
    if (value && typeof value === "object" && !Array.isArray(value)) merge((into[name] ??= {}), value);
    else into[name] = value;
  }
}
