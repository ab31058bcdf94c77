// The playground: the sample page of a provider, its source with an account's keys, and the account's journal.

// A proxy may serve the server below a path.
const root = new URL("../../../", import.meta.url);
const provider = document.body.dataset.provider;
const account = new URLSearchParams(location.search).get("account") || "playground";
const trace = document.querySelector("#trace");

document.querySelector("#account input").value = account;
document.querySelector("#viewer").href = root.pathname + "?" + new URLSearchParams({account});

// The sandbox gives the sample an opaque origin: it has no more access than a page of any origin.
const sample = `${root.pathname}playground/${provider}/sample?${new URLSearchParams({account})}`;
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts allow-forms allow-modals";
frame.title = "Sample page";
frame.src = sample;
document.querySelector("#sample").append(frame);
const source = await fetch(sample);
document.querySelector("#code").textContent = (await source.text()).replace(/\n<meta name="idmock-pass".*\n$/, "");

// describe returns the line and the details of a journal entry, or undefined for entries that are not shown.
function describe({kind, data}) {
  switch (kind) {
    case "call": return [`${data.method} ${data.path.split("?")[0]} → ${data.status || "no response"}`, data.response?.body?.text ?? ""];
    case "run": return [`${data.scenario ?? "run"}: ${JSON.stringify(data.state ?? {})}`, ""];
    case "event": return [`${data.event} planned`, ""];
    case "attempt": return [`${data.event}: attempt ${data.n} → ${data.status || data.class || "no response"}`, data.request?.body?.text ?? ""];
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
      if (line[1]) item.append(Object.assign(document.createElement("code"), {textContent: line[1]}));
      trace.append(item);
      while (trace.children.length > maxLines) trace.firstChild.remove();
      document.querySelector("#nothing").hidden = true;
    }
  };
  socket.onclose = () => { document.body.dataset.state = "lost"; setTimeout(follow, 1000); };
}
follow();
