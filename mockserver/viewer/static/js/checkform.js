// The form that says what to check. What is not filled in is the account's: its keys, and what its endpoint sends.
import { submit } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field, read } from "./fields.js";
import { address, dateTime, plural } from "./format.js";

const KINDS = [["receiver", "My app, which receives webhooks"], ["provider", "A server that claims to be the provider"]];

// What there is to fill in, by kind. A group is folded away until somebody needs it.
const PROBE = [
  { name: "probe", label: "Probe URL", type: "url", placeholder: "http://127.0.0.1:3000/subjects/{subject}", hint: "Answers with your app's view of {subject}, or {reference}, as JSON. Without it, what a webhook led to is inconclusive, never passed." },
];
const EVIDENCE = [
  { name: "probe_value", label: "State at", placeholder: "$.status", hint: "Where the state stands in it, as a JSONPath." },
  { name: "granted", label: "Words for access", type: "list", hint: "One a line. Empty: granted, approved, verified, active, confirmed, true." },
  { name: "start", label: "Start URL", type: "url", hint: "Makes your app begin a verification of {subject}." },
  { name: "prepare", label: "Prepare URL", type: "url", hint: "Tells your app of {subject} before events about it." },
  { name: "reset", label: "Reset URL", type: "url", hint: "Empties your app before the checks." },
  { name: "restart", label: "Restart URL", type: "url", hint: "Restarts your app, to see that it still knows what it has taken." },
];
const KEYS = [
  { name: "next_secret", label: "Next secret", type: "secret", hint: "A second one that your app takes while secrets are replaced." },
  { name: "old_secret", label: "Old secret", type: "secret", hint: "One that was replaced, and that your app takes no more." },
  { name: "other_secret", label: "Other secret", type: "secret", hint: "Of another account, whose events your app must not take for this one's." },
  { name: "header", label: "Headers", type: "list", hint: "NAME: VALUE, one a line. Empty: those of the endpoint." },
];
const SERVER = [
  { name: "key", label: "Key", type: "secret", hint: "One that it knows. Empty: one that a mock takes." },
  { name: "other_key", label: "Other key", type: "secret", hint: "Of somebody who must not see what belongs to the first." },
];
const SENDING = [
  { name: "bad_key", label: "Bad key", type: "secret", hint: "One that nobody has." },
  { name: "forbidden_key", label: "Forbidden key", type: "secret", hint: "One that is known and may do nothing." },
  { name: "listen", label: "Listen at", placeholder: "127.0.0.1:0", hint: "HOST:PORT where its webhooks are taken, to judge how it sends. Empty: that is inconclusive." },
  { name: "listen_url", label: "Listen URL", type: "url", hint: "Under which it reaches that, where it is another machine's or a container's." },
];
const CHOICE = [
  { name: "run", label: "Only", type: "list", hint: "Such as auth/*, one a line." },
  { name: "skip", label: "Leave out", type: "list" },
  { name: "strict", label: "Warnings and missing evidence count as failures", type: "check" },
  { name: "seed", label: "Seed", type: "number", hint: "The same one makes up the same events. Empty: any." },
];
const DESCRIBED = {
  receiver: [...PROBE, ...EVIDENCE, ...KEYS, ...CHOICE], provider: [...SERVER, ...SENDING, ...CHOICE],
};

let last = null; // what was asked for last: whoever checks checks again

/** checkForm shows the form in root. before is a run to begin like; open(id) shows the run that was begun. */
export function checkForm({ root, api, provider, receiver, say, before, open }) {
  const kept = last ?? {};
  const kind = h("select", { id: "check-kind", name: "kind" }, KINDS.map(([value, text]) => h("option", { value, text })));
  const rest = h("div", { class: "formfields" });
  const about = h("p", { class: "quiet", id: "check-about" });
  const builtin = h("button", { type: "button", name: "check-builtin", class: "small", text: "Use the built-in receiver" });
  const form = h("form", {},
    h("p", {}, "The checks send what a provider sends, and what nobody should: forged, old, torn, repeated, out of order, about people who must not get in. Each failure says why it matters and how to repeat it."),
    h("div", { class: "formrow" }, h("label", { for: "check-kind", text: "Judge" }), kind),
    field({ name: "provider", label: "Provider", type: "choice" }),
    field({ name: "url", label: "URL", type: "url", required: true, hint: "Where it takes webhooks; of a provider, the base URL of its API." }),
    h("div", { class: "firstlook" }, h("p", { class: "quiet", text: "No app yet? The built-in receiver answers 200 to everything, so you see what a receiver looks like that believes everybody." }), builtin),
    rest, field({ name: "core", label: "Only the core: what matters most, in a few seconds", type: "check", value: kept.core ?? true }), about,
    h("div", { class: "formbar" }, h("button", { name: "check-start", class: "primary", text: "Start" })));
  const control = (name) => form.elements.namedItem(name);
  let profiles = [], endpoints = [], typed = Boolean(kept.url);

  const group = (title, described) => h("details", { class: "card", open: described.some(({ value }) => value) }, h("summary", { text: title }), h("div", { class: "formfields" }, described.map(field)));
  const filled = (described) => described.map((one) => ({ ...one, value: kept[one.name] }));
  const build = () => {
    const isReceiver = kind.value === "receiver";
    rest.replaceChildren(...(isReceiver
      ? [...filled(PROBE).map(field), group("More of your app: start, prepare, reset", filled(EVIDENCE)), group("Secrets and headers", filled(KEYS))]
      : [...filled(SERVER).map(field), group("More keys, and its webhooks", filled(SENDING))]), group("Which checks", filled(CHOICE)));
    form.querySelector(".firstlook").hidden = !isReceiver;
    fill(control("provider"), profiles.filter(({ kinds }) => kinds.includes(kind.value)).map(({ name, title }) => [name, title]));
  };
  // suggest fills in the address that is known, unless somebody has typed one.
  const suggest = () => {
    const name = control("provider").value, profile = profiles.find((one) => one.name === name);
    if (!typed) control("url").value = (kind.value === "receiver" ? endpoints.findLast((one) => one.provider === name)?.url : profile?.base) ?? "";
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
    const given = read(form, DESCRIBED[kind.value]);
    if (given.seed !== undefined && !(Number.isSafeInteger(given.seed) && given.seed >= 0)) throw new Error("The seed is a whole number up to 9007199254740991; idmock check takes greater ones");
    const ask = { kind: kind.value, provider: control("provider").value, url: control("url").value.trim(), core: control("core").checked, ...given };
    if (!ask.url) throw new Error("Say where it is: its URL");
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

// known lists where webhooks go: everybody's endpoints, then the account's own.
async function known(api) {
  const own = api.account ? await api.endpoints() : [];
  return [...(await api.endpoints("")), ...own];
}

// earlier lists the runs that the server keeps.
function earlier({ api, open, say }) {
  const list = h("ul", { class: "runs plain" });
  api.checkRuns().then((runs) => {
    list.replaceChildren(...runs.map((run) => h("li", {},
      h("button", { type: "button", class: "link", name: "check-open", value: run.id, text: `${run.kind} of ${run.provider} at ${address(run.url)}`, on: { click: () => open(run.id) } }),
      h("span", { class: "quiet", text: ` ${dateTime(run.began)} · ${run.sentence ?? `${run.state}, ${run.done} of ${run.total}`}` }))));
    if (!runs.length) list.append(h("li", { class: "quiet", text: "None yet. Those that end here can be opened again as long as the server runs." }));
  }, (error) => say(error.message, true));
  return h("section", { "aria-label": "Earlier runs" }, h("h3", { text: "Earlier runs" }), list);
}
