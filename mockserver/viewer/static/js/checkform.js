// The form that starts a conformance run. Empty fields take the account's keys and its endpoint's headers.
import { chosen } from "./checkcount.js";
import { submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";
import { address, dateTime, plural } from "./format.js";

const KINDS = [["receiver", "My app, which receives webhooks"], ["provider", "A server with the provider's API"]];

// Fields by kind. Groups are collapsed at first.
const PROBE = [
  { name: "probe", label: "Probe URL", type: "url", placeholder: "http://127.0.0.1:3000/subjects/{subject}", hint: "Returns your app's state of {subject} or {reference} as JSON. Without it, the effects of a webhook are not judged." },
];
const EVIDENCE = [
  { name: "probe_value", label: "State at", placeholder: "$.status", hint: "JSONPath of the subject's state in the probe's response." },
  { name: "probe_effects", label: "Effects at", placeholder: "$.effects", hint: "JSONPath of the number or list of side effects for the subject." },
  { name: "probe_text", label: "Text at", placeholder: "$.name", hint: "JSONPath of a text from the event, such as the person's name." },
  { name: "granted", label: "Granted states", type: "list", hint: "One per line. Empty: granted, approved, verified, active, confirmed, true." },
  { name: "start", label: "Start URL", type: "url", hint: "Starts a verification of {subject} in your app." },
  { name: "prepare", label: "Prepare URL", type: "url", hint: "Prepares your app for {subject} before events about it." },
  { name: "reset", label: "Reset URL", type: "url", hint: "Resets your app before the checks." },
  { name: "restart", label: "Restart URL", type: "url", hint: "Restarts your app, to check that it persists accepted events." },
  { name: "reconcile", label: "Reconciles within", placeholder: "30s", hint: "Time within which your app finds results whose events never arrive." },
];
const KEYS = [
  { name: "credential", label: "Credentials", type: "list", hint: "NAME=VALUE, one per line. Empty: the account's own." },
  { name: "next_secret", label: "Next secret", type: "secret", hint: "Second secret that your app accepts during rotation." },
  { name: "old_secret", label: "Old secret", type: "secret", hint: "Replaced secret that your app must reject." },
  { name: "other_secret", label: "Other secret", type: "secret", hint: "Secret of another account, whose events your app must reject." },
  { name: "header", label: "Headers", type: "list", hint: "NAME: VALUE, one per line. Empty: the endpoint's headers." },
  { name: "switch", label: "Endpoint options", type: "list", hint: "NAME=VALUE, one per line, such as signature=hmac-sha256. Empty: the endpoint's options." },
];
const SERVER = [
  { name: "key", label: "Key", type: "secret", hint: "Valid API key. Empty: a key that the mock accepts." },
  { name: "other_key", label: "Other key", type: "secret", hint: "Key of another account that must not see the first account's data." },
];
const SENDING = [
  { name: "bad_key", label: "Bad key", type: "secret", hint: "Invalid key." },
  { name: "forbidden_key", label: "Forbidden key", type: "secret", hint: "Valid key without permissions." },
  { name: "listen", label: "Listen at", placeholder: "127.0.0.1:0", hint: "HOST:PORT to receive its webhooks. Empty: checks of webhooks are not judged." },
  { name: "listen_url", label: "Listen URL", type: "url", hint: "Public URL of that address, if the provider runs on another machine or in a container." },
];
const CHOICE = [
  { name: "run", label: "Only", type: "list", hint: "Glob patterns of checks, such as auth/*, one per line." },
  { name: "skip", label: "Skip", type: "list", hint: "Glob patterns of checks, one per line." },
  { name: "strict", label: "Warnings and missing evidence count as failures", type: "check" },
  { name: "seed", label: "Seed", type: "number", hint: "The same seed generates the same events. Empty: random." },
];
const DESCRIBED = {
  receiver: [...PROBE, ...EVIDENCE, ...KEYS, ...CHOICE], provider: [...SERVER, ...SENDING, ...CHOICE],
};

const MAPS = ["credential", "switch"]; // their lines are NAME=VALUE
const PROVIDER = { name: "provider", label: "Provider", type: "choice" };
const URL_FIELD = { name: "url", label: "URL", type: "url", required: true, hint: "Webhook URL of the receiver, or base URL of the provider's API." };
const CORE = { name: "core", label: "Core checks only (a few seconds)", type: "check" };

const LABELS = new Map([...DESCRIBED.receiver, ...DESCRIBED.provider, { name: "kind", label: "Check" }, PROVIDER, URL_FIELD, CORE].map(({ name, label }) => [name.replaceAll("_", "-"), label]));
const OTHERS = ["probe-command", "api-addr", "ca", "dns", "budget", "fail-on", "forged-ack", "waivers", "list", "explain", "skeleton", "verbose", "report"];

/** fieldNames replaces the flags of idmock check in a text by the names of this form's fields. Flags of the server stay. */
export const fieldNames = (text) => text.replace(/(?:the (?:option|flag|field) )?--([a-z][a-z-]*)/g, (flag, name) =>
  LABELS.has(name) ? `“${LABELS.get(name)}”` : OTHERS.includes(name) ? `“${name}” of idmock check` : flag);

let last = null; // last request, to repeat it

/** checkForm shows the form in root, prefilled from the run before; open(id) shows the started run. */
export function checkForm({ root, api, provider, receiver, say, before, open }) {
  const kept = last ?? {};
  const kind = h("select", { id: "check-kind", name: "kind" }, KINDS.map(([value, text]) => h("option", { value, text })));
  const rest = h("div", { class: "formfields" });
  const about = h("p", { class: "quiet", id: "check-about" });
  const builtin = h("button", { type: "button", name: "check-builtin", class: "small", text: "Use the built-in receiver" });
  const form = h("form", {},
    h("p", {}, "The checks send valid, forged, stale, truncated, replayed and out-of-order events, and events about rejected applicants. Each failure explains its risk and how to reproduce it."),
    h("div", { class: "formrow" }, h("label", { for: "check-kind", text: "Check" }), kind),
    field(PROVIDER),
    field(URL_FIELD),
    h("div", { class: "firstlook" }, h("p", { class: "quiet", text: "No app yet? The built-in receiver responds with 200 to every request: see the results of a receiver that accepts everything." }), builtin),
    rest, field({ ...CORE, value: kept.core ?? true }), about,
    h("div", { class: "formbar" }, h("button", { name: "check-start", class: "primary", text: "Start" })));
  const control = (name) => form.elements.namedItem(name);
  let profiles = [], endpoints = [], checks = [], typed = Boolean(kept.url);

  const group = (title, described) => h("details", { class: "card", open: described.some(({ value }) => value) }, h("summary", { text: title }), h("div", { class: "formfields" }, described.map(field)));
  const lines = (value) => (value && !Array.isArray(value) && typeof value === "object" ? Object.entries(value).map((pair) => pair.join("=")) : value);
  const filled = (described) => described.map((entry) => ({ ...entry, value: lines(kept[entry.name]) }));
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
  // count announces the numbers with which the run will begin.
  const count = () => {
    const { run, skip, core } = read(form, [CORE, ...CHOICE]), isReceiver = kind.value === "receiver";
    const some = chosen(checks, { only: run, skip, core }), fit = some.filter(({ applies }) => applies).length;
    const numbers = isReceiver ? `${some.length} chosen = ${fit} applicable + ${some.length - fit} not applicable` : `${some.length} chosen; the run shows which of them apply`;
    about.textContent = `${plural(checks.length, "check")}, ${numbers}.` + (isReceiver ? ` Events come from account ${api.account || "demo"} and are signed with its keys: see Connect your app.` : "");
  };
  const describe = async (name) => {
    try {
      const all = await api.checks(kind.value, name);
      if (control("provider").value !== name) return;
      checks = all;
      count();
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
  form.addEventListener("input", () => checks.length && count());
  builtin.addEventListener("click", () => {
    control("url").value = receiver(control("provider").value);
    typed = true;
    control("url").focus();
  });
  submit(form, say, async () => {
    const values = read(form, DESCRIBED[kind.value]);
    for (const name of MAPS) if (values[name]) values[name] = Object.fromEntries(values[name].map((line) => [line.split("=")[0].trim(), line.slice(line.indexOf("=") + 1).trim()]));
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

/** target names what a run tests. */
export const target = ({ kind, provider }) => (kind === "receiver" ? `Receiver of ${provider}` : `Server of ${provider}`);

/** conclusion is the sentence of a run that has ended. */
export const conclusion = (run) => run.conclusion.replace("inconclusive", "not judged");

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
      h("button", { type: "button", class: "link", name: "check-open", value: run.id, text: `${target(run)}: ${address(run.url)}`, on: { click: () => open(run.id) } }),
      h("span", { class: "quiet", text: ` ${dateTime(run.started)} · ${run.conclusion ? conclusion(run) : `${run.state}, ${run.done} of ${run.total}`}` }))));
    if (!runs.length) list.append(h("li", { class: "quiet", text: "No runs yet. Finished runs are retained while the server runs." }));
  }, (error) => say(error.message, true));
  return h("section", { "aria-label": "Earlier runs" }, h("h3", { text: "Earlier runs" }), list);
}
