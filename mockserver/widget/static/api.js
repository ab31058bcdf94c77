// --- What scripts ask the mock ---

// call posts JSON to an operation and returns what it answers. It throws where there is no answer at all.
async function call(path, body, headers = {}) {
  const sent = {"Content-Type": "application/json", ...headers};
  const scenario = wanted("scenario");
  if (scenario) sent["X-Idmock-Scenario"] = scenario;
  const answer = await fetch(base + path, {method: "POST", headers: sent, body: JSON.stringify(body), credentials: "omit"});
  const text = await answer.text();
  let read = {};
  try {
    read = text ? JSON.parse(text) : {};
  } catch { /* a broken answer is one without members */ }
  return {ok: answer.ok, status: answer.status, body: read};
}

// offers asks what may happen: outcomes, the subjects that choose a scenario, and whether one decides already.
async function offers(account, operations, subject, run) {
  const query = new URLSearchParams({account, subject: subject ?? "", run: run ?? "", scenario: wanted("scenario") ?? ""});
  for (const operation of operations) query.append("operation", operation);
  const answer = await fetch(`${base}/_idmock/widget?${query}`, {credentials: "omit"});
  if (!answer.ok) throw new Error("idmock: " + (await answer.text()).trim());
  return answer.json();
}

// find finds an outcome by its name, however that is written. What nobody knows is told aloud: a test that waits for it
// would wait for ever.
function find(offer, name) {
  const same = (a) => a.toLowerCase().replace(/[^a-z0-9]/g, "") === String(name).toLowerCase().replace(/[^a-z0-9]/g, "");
  const outcome = offer.outcomes.find((o) => same(o.name));
  if (!outcome) throw new Error(`idmock: no outcome is called ${name} here; there are ${offer.outcomes.map((o) => o.name).join(", ")}`);
  return outcome;
}

const late = Symbol("late");

// race returns what something comes to, or late once so many seconds of the account's time have passed. It is begun when
// the time counts.
async function race(begin, account, seconds) {
  const stop = new AbortController();
  const never = new Promise(() => {});
  const query = new URLSearchParams({account, for: Math.max(seconds, 0.001) + "s"});
  const limit = await fetch(`${base}/_idmock/widget/elapse?${query}`, {signal: stop.signal, credentials: "omit"}).catch(() => null);
  const over = limit?.ok ? limit.text().then(() => late, () => never) : never;
  try {
    return await Promise.race([begin(), over]);
  } finally {
    stop.abort();
  }
}
