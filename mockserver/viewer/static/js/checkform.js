// The form that starts a conformance run. Empty fields take the account's keys and its endpoint's headers.
import { submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";
import { address, dateTime, plural } from "./format.js";

const KINDS = [["receiver", "My app, which receives webhooks"], ["provider", "A server that claims to be the provider"]];

// Fields by kind. Groups are collapsed at first.
const PROBE = [
  { name: "probe", label: "Probe URL", type: "url", placeholder: "http://127.0.0.1:3000/subjects/{subject}", hint: "Returns your app's state of {subject} or {reference} as JSON. Without it, what a webhook led to is inconclusive, never passed." },
];
const EVIDENCE = [
  { name: "probe_value", label: "State at", placeholder: "$.status", hint: "JSONPath of the state." },
  { name: "granted", label: "Granted states", type: "list", hint: "One per line. Empty: granted, approved, verified, active, confirmed, true." },
  { name: "start", label: "Start URL", type: "url", hint: "Starts a verification of {subject} in your app." },
  { name: "prepare", label: "Prepare URL", type: "url", hint: "Prepares your app for {subject} before events about it." },
  { name: "reset", label: "Reset URL", type: "url", hint: "Resets your app before the checks." },
  { name: "restart", label: "Restart URL", type: "url", hint: "Restarts your app, to check that it persists accepted events." },
];
const KEYS = [
  { name: "next_secret", label: "Next secret", type: "secret", hint: "Second secret that your app accepts during rotation." },
  { name: "old_secret", label: "Old secret", type: "secret", hint: "Replaced secret that your app must reject." },
  { name: "other_secret", label: "Other secret", type: "secret", hint: "Secret of another account, whose events your app must reject." },
  { name: "header", label: "Headers", type: "list", hint: "NAME: VALUE, one per line. Empty: the endpoint's headers." },
];
const SERVER = [
  { name: "key", label: "Key", type: "secret", hint: "Valid API key. Empty: a key that the mock accepts." },
  { name: "other_key", label: "Other key", type: "secret", hint: "Key of another account that must not see the first account's data." },
];
const SENDING = [
  { name: "bad_key", label: "Bad key", type: "secret", hint: "Invalid key." },
  { name: "forbidden_key", label: "Forbidden key", type: "secret", hint: "Valid key without permissions." },
  { name: "listen", label: "Listen at", placeholder: "127.0.0.1:0", hint: "HOST:PORT to receive its webhooks. Empty: checks of webhooks are inconclusive." },
  { name: "listen_url", label: "Listen URL", type: "url", hint: "Public URL of that address, if the provider runs on another machine or in a container." },
];
const CHOICE = [
  { name: "run", label: "Only", type: "list", hint: "Glob patterns such as auth/*, one per line." },
  { name: "skip", label: "Skip", type: "list" },
  { name: "strict", label: "Warnings and missing evidence count as failures", type: "check" },
  { name: "seed", label: "Seed", type: "number", hint: "The same seed generates the same events. Empty: random." },
];
const DESCRIBED = {
  receiver: [...PROBE, ...EVIDENCE, ...KEYS, ...CHOICE], provider: [...SERVER, ...SENDING, ...CHOICE],
};

const LABELS = new Map([...DESCRIBED.receiver, ...DESCRIBED.provider].map(({ name, label }) => [name.replaceAll("_", "-"), label]));

/** fieldNames replaces the command's flags in a hint by the names of this form's fields. */
export const fieldNames = (text) => text.replace(/--([a-z][a-z-]*)/g, (flag, name) => (LABELS.has(name) ? `the field “${LABELS.get(name)}”` : flag));

let last = null; // last request, to repeat it

/** checkForm shows the form in root, prefilled from the run before; open(id) shows the started run. */
export function checkForm({ root, api, provider, receiver, say, before, open }) {
  const kept = last ?? {};
  const kind = h("select", { id: "check-kind", name: "kind" }, KINDS.map(([value, text]) => h("option", { value, text })));
  const rest = h("div", { class: "formfields" });
  const about = h("p", { class: "quiet", id: "check-about" });
  const builtin = h("button", { type: "button", name: "check-builtin", class: "small", text: "Use the built-in receiver" });
  const form = h("form", {},
    h("p", {}, "The checks send valid events, and forged, stale, truncated, replayed and out-of-order events, and rejected applicants. Each failure explains its risk and how to reproduce it."),
    h("div", { class: "formrow" }, h("label", { for: "check-kind", text: "Check" }), kind),
    field({ name: "provider", label: "Provider", type: "choice" }),
    field({ name: "url", label: "URL", type: "url", required: true, hint: "Webhook URL of the receiver, or base URL of the provider's API." }),
    h("div", { class: "firstlook" }, h("p", { class: "quiet", text: "No app yet? The built-in receiver responds with 200 to every request: see the results of a receiver that accepts everything." }), builtin),
    rest, field({ name: "core", label: "Core checks only (a few seconds)", type: "check", value: kept.core ?? true }), about,
    h("div", { class: "formbar" }, h("button", { name: "check-start", class: "primary", text: "Start" })));
  const control = (name) => form.elements.namedItem(name);
  let profiles = [], endpoints = [], typed = Boolean(kept.url);

  const group = (title, described) => h("details", { class: "card", open: described.some(({ value }) => value) }, h("summary", { text: title }), h("div", { class: "formfields" }, described.map(field)));
  const filled = (described) => described.map((entry) => ({ ...entry, value: kept[entry.name] }));
  const build = () => {
    const isReceiver = kind.value === "receiver";
    rest.replaceChildren(...(isReceiver
      ? [...filled(PROBE).map(field), group("More of your app: start, prepare, reset", filled(EVIDENCE)), group("Secrets and headers", filled(KEYS))]
      : [...filled(SERVER).map(field), group("More keys, and its webhooks", filled(SENDING))]), group("Which checks", filled(CHOICE)));
    form.querySelector(".firstlook").hidden = !isReceiver;
    fill(control("provider"), profiles.filter(({ kinds }) => kinds.includes(kind.value)).map(({ name, title }) => [name, title]));
  };
  // suggest fills in the endpoint's URL unless the user has entered one.
  const suggest = () => {
    const name = control("provider").value, profile = profiles.find((entry) => entry.name === name);
    if (!typed) control("url").value = (kind.value === "receiver" ? endpoints.findLast((entry) => entry.provider === name)?.url : profile?.base) ?? "";
    describe(name);
  };
  const describe = async (name) => {
    try {
      const all = await api.checks(kind.value, name);
      if (control("provider").value !== name) return;
      const fit = all.filter(({ applies }) => applies);
      about.textContent = `${plural(fit.length, "check")}, ${fit.filter(({ core }) => core).length} of them the core` + (fit.length < all.length ? `; ${all.length - fit.length} do not apply.` : ".");
      if (kind.value === "receiver") about.textContent += ` Events come from account ${api.account || "demo"}, signed with its own keys: see Webhook settings.`;
    } catch (error) {
      say(error.message, true);
    }
  };
  kind.addEventListener("change", () => {
    typed = false;
    build();
    suggest();
  });
  control("provider").addEventListener("change", suggest);
  control("url").addEventListener("input", () => (typed = true));
  builtin.addEventListener("click", () => {
    control("url").value = receiver(control("provider").value);
    typed = true;
    control("url").focus();
  });
  submit(form, say, async () => {
    const values = read(form, DESCRIBED[kind.value]);
    if (values.seed !== undefined && !(Number.isSafeInteger(values.seed) && values.seed >= 0)) throw new Error("The seed must be a whole number up to 9007199254740991; idmock check accepts greater ones");
    const ask = { kind: kind.value, provider: control("provider").value, url: control("url").value.trim(), core: control("core").checked, ...values };
    if (!ask.url) throw new Error("URL is required");
    last = ask;
    const { id } = await api.beginChecks(ask);
    open(id);
  });
  root.replaceChildren(form, earlier({ api, open, say }));
  (async () => {
    try {
      [profiles, endpoints] = await Promise.all([api.checkProfiles(), known(api)]);
      kind.value = before?.kind ?? kept.kind ?? "receiver";
      build();
      control("provider").value = before?.provider ?? kept.provider ?? provider;
      if (control("provider").selectedIndex < 0) control("provider").selectedIndex = 0;
      if (before?.url ?? kept.url) control("url").value = before?.url ?? kept.url;
      typed = Boolean(control("url").value);
      suggest();
      form.dataset.ready = "";
    } catch (error) {
      say(error.message, true);
    }
  })();
  kind.focus();
}

// known lists the endpoints of the default account, then the account's own.
async function known(api) {
  const own = api.account ? await api.endpoints() : [];
  return [...(await api.endpoints("")), ...own];
}

// earlier lists the retained runs.
function earlier({ api, open, say }) {
  const list = h("ul", { class: "runs plain" });
  api.checkRuns().then((runs) => {
    list.replaceChildren(...runs.map((run) => h("li", {},
      h("button", { type: "button", class: "link", name: "check-open", value: run.id, text: `${run.kind} of ${run.provider} at ${address(run.url)}`, on: { click: () => open(run.id) } }),
      h("span", { class: "quiet", text: ` ${dateTime(run.started)} · ${run.conclusion ?? `${run.state}, ${run.done} of ${run.total}`}` }))));
    if (!runs.length) list.append(h("li", { class: "quiet", text: "No runs yet. Finished runs are retained while the server runs." }));
  }, (error) => say(error.message, true));
  return h("section", { "aria-label": "Earlier runs" }, h("h3", { text: "Earlier runs" }), list);
}
