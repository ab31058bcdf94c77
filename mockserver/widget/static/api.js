// --- Requests of the scripts to the mock ---

// call posts JSON to an operation and returns the response. It throws if there is none.
async function call(path, body, headers = {}) {
  const allHeaders = {"Content-Type": "application/json", ...headers};
  const scenario = option("scenario");
  if (scenario) allHeaders["X-Idmock-Scenario"] = scenario;
  const response = await fetch(base + path, {method: "POST", headers: allHeaders, body: JSON.stringify(body), credentials: "omit"});
  const text = await response.text();
  let parsed = {};
  try {
    parsed = text ? JSON.parse(text) : {};
  } catch { /* an invalid body has no members */ }
  return {ok: response.ok, status: response.status, body: parsed};
}

// fetchOffer returns the possible outcomes, the subjects that select a scenario, and whether a scenario decides already.
async function fetchOffer(account, operations, subject, run) {
  const query = new URLSearchParams({account, subject: subject ?? "", run: run ?? "", scenario: option("scenario") ?? ""});
  for (const operation of operations) query.append("operation", operation);
  const request = () => fetch(`${base}/_idmock/widget?${withPass(query)}`, {credentials: "omit"});
  // Browsers abort requests when a network interface comes or goes, as with every container: this one changes nothing.
  const response = await request().catch(() => new Promise((done) => setTimeout(done, 300)).then(request));
  if (!response.ok) throw new Error("idmock: " + (await response.text()).trim());
  return response.json();
}

// findOutcome finds an outcome by name, ignoring case and punctuation. It throws for an unknown name: a test would wait for it forever.
function findOutcome(offer, name) {
  const same = (a) => a.toLowerCase().replace(/[^a-z0-9]/g, "") === String(name).toLowerCase().replace(/[^a-z0-9]/g, "");
  const outcome = offer.outcomes.find((o) => same(o.name));
  if (!outcome) throw new Error(`idmock: unknown outcome ${name}: use ${offer.outcomes.map((o) => o.name).join(", ")}`);
  return outcome;
}

const timedOut = Symbol("timed out");

// race returns the result of begin(), or timedOut after a number of seconds of account time. begin is called once the timer runs.
async function race(begin, account, seconds) {
  const stop = new AbortController();
  const never = new Promise(() => {});
  const query = new URLSearchParams({account, for: Math.max(seconds, 0.001) + "s"});
  const limit = await fetch(`${base}/_idmock/widget/elapse?${withPass(query)}`, {signal: stop.signal, credentials: "omit"}).catch(() => null);
  const over = limit?.ok ? limit.text().then(() => timedOut, () => never) : never;
  try {
    return await Promise.race([begin(), over]);
  } finally {
    stop.abort();
  }
}
