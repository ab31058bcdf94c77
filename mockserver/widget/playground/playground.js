// The playground: the sample page of a provider, its source with an account's keys, and what happens to that account.

const provider = document.body.dataset.provider;
const account = new URLSearchParams(location.search).get("account") || "playground";
const trace = document.querySelector("#trace");

document.querySelector("#account input").value = account;
document.querySelector("#viewer").href = "/?" + new URLSearchParams({account});

// The sample has no origin of its own: it may do what pages of any origin may do, and is shown as it is.
const sample = `/playground/${provider}/sample?${new URLSearchParams({account})}`;
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts allow-forms allow-modals";
frame.title = "The page";
frame.src = sample;
document.querySelector("#sample").append(frame);
const source = await fetch(sample);
document.querySelector("#code").textContent = await source.text();

// tell says in a line what an entry of the journal is; undefined where it is not worth one.
function tell({kind, data}) {
  switch (kind) {
    case "call": return [`${data.method} ${data.path.split("?")[0]} → ${data.status || "no answer"}`, data.response?.body?.text ?? ""];
    case "run": return [`${data.scenario ?? "run"}: ${JSON.stringify(data.state ?? {})}`, ""];
    case "event": return [`${data.event} is sent`, ""];
    case "attempt": return [`${data.event}: attempt ${data.n} → ${data.status || data.class || "nothing"}`, data.request?.body?.text ?? ""];
    case "delivery": return [`${data.event}: ${data.outcome}`, ""];
    case "rule-error": return [data.message, ""];
    default: return undefined;
  }
}

const shown = 200; // lines that are kept
let last = 0;

function follow() {
  const url = new URL(`/_idmock/v1/events?${new URLSearchParams({account, after: last})}`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onmessage = ({data}) => {
    const said = JSON.parse(data);
    if (said.type === "hello") document.body.dataset.state = "live";
    for (const entry of said.entries ?? []) {
      last = Math.max(last, entry.seq);
      const line = tell(entry);
      if (!line) continue;
      const item = document.createElement("li");
      item.dataset.kind = entry.kind;
      item.append(line[0]);
      if (line[1]) item.append(Object.assign(document.createElement("code"), {textContent: line[1]}));
      trace.append(item);
      while (trace.children.length > shown) trace.firstChild.remove();
      document.querySelector("#nothing").hidden = true;
    }
  };
  socket.onclose = () => { document.body.dataset.state = "lost"; setTimeout(follow, 1000); };
}
follow();
