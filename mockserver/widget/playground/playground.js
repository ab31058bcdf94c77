// The playground: the sign-up page of a provider, its source with an account's keys, and the provider's entries of the account's journal.
import { again } from "../../../assets/js/again.js";
import { component, own } from "./frameworks.js";

// A proxy may serve the server below a path.
const root = new URL("../../../", import.meta.url);
const provider = document.body.dataset.provider;
const account = new URLSearchParams(location.search).get("account") || "playground";
const trace = document.querySelector("#trace"), code = document.querySelector("#code"), chosen = document.querySelector("select[name=scenario]");

document.querySelector("#account input").value = account;
document.querySelector("#viewer").href = root.pathname + "?" + new URLSearchParams({account});

// The sandbox gives the sample an opaque origin: it has no more access than a page of any origin. The provider's script reads the
// scenario from the page's address.
const sample = (more) => `${root.pathname}playground/${provider}/sample?${new URLSearchParams({account, ...more})}`;
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts allow-forms allow-modals";
frame.title = "Sign-up page";
frame.src = sample();
document.querySelector("#sample").append(frame);
chosen.addEventListener("change", () => { frame.src = sample(chosen.value && {idmock_scenario: chosen.value}); });

const source = await again(async () => (await fetch(sample({source: root.href.slice(0, -1)}))).text());
function show(tab) {
  code.dataset.tab = tab;
  code.textContent = component(tab, source);
  for (const button of document.querySelectorAll("button[name=tab]")) button.setAttribute("aria-pressed", String(button.value === tab));
}
document.querySelector("button[name=tab][value=react-native]").hidden = !own(source).has("react-native");
for (const button of document.querySelectorAll("button[name=tab]")) button.addEventListener("click", () => show(button.value));
show("html");
document.querySelector("button[name=copy-source]").addEventListener("click", async ({currentTarget}) => {
  await navigator.clipboard?.writeText(code.textContent);
  currentTarget.textContent = navigator.clipboard ? "Copied" : "Select and copy";
  setTimeout(() => { currentTarget.textContent = "Copy"; }, 2000);
});

// offer lists the provider's scenarios with the outcomes to which they lead.
async function offer() {
  const get = (path) => again(async () => (await fetch(new URL(`_idmock/v1/${path}`, root))).json());
  const [providers, scenarios] = await Promise.all([get("providers"), get("scenarios")]);
  const labels = new Map((providers.find(({name}) => name === provider)?.outcomes ?? []).map(({name, label}) => [name, label]));
  for (const {name, outcomes = []} of scenarios.filter((scenario) => scenario.provider === provider)) {
    const leads = outcomes.map((outcome) => labels.get(outcome) ?? outcome).join(", then ");
    chosen.append(new Option(leads ? `${leads} (${name})` : name, name));
  }
}
offer().catch((error) => { document.querySelector("#nothing").textContent = error.message; });

// describe returns the line and the details of a journal entry, or undefined for entries that are not shown.
function describe({kind, data}) {
  if (data.provider && data.provider !== provider) return undefined;
  switch (kind) {
    case "call": return [`${data.method} ${data.path.split("?")[0]} → ${data.status || "no response"}`, data.response?.body?.text ?? ""];
    case "run": return [`${data.scenario ?? "run"}: ${JSON.stringify(data.state ?? {})}`, ""];
    case "event": return [`${data.event} planned`, ""];
    case "attempt": return [`${data.event}: attempt ${data.n} → ${data.response?.status || data.class || "no response"}`, data.request?.body?.text ?? ""];
    case "delivery": return [`${data.event}: ${data.outcome}`, ""];
    case "rule-error": return [data.message, ""];
    default: return undefined;
  }
}

const maxLines = 200;
let last = 0;

function follow() {
  const url = new URL(`_idmock/v1/events?${new URLSearchParams({account, after: last})}`, root);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onmessage = ({data}) => {
    const message = JSON.parse(data);
    if (message.type === "hello") document.body.dataset.state = "live";
    for (const entry of message.entries ?? []) {
      last = Math.max(last, entry.seq);
      const line = describe(entry);
      if (!line) continue;
      const item = document.createElement("li");
      item.dataset.kind = entry.kind;
      item.append(line[0]);
      if (line[1]) item.append(Object.assign(document.createElement("code"), {textContent: line[1], tabIndex: 0}));
      trace.append(item);
      while (trace.children.length > maxLines) trace.firstChild.remove();
      document.querySelector("#nothing").hidden = true;
    }
  };
  socket.onclose = () => { document.body.dataset.state = "lost"; setTimeout(follow, 1000); };
}
follow();
