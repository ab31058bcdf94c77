// Processing of events after the response, shared by the receivers of all providers: each event is confirmed with the
// provider's API, if configured, and updates the state of a subject. The meaning of events is in a file for each
// provider.
//
//   API=http://…       the provider's API, which confirms approvals; without it, webhooks alone decide
//   API_KEY=…          its key
//   GET /subjects/NAME state of a subject, by the provider's reference or the application's name
//   POST /start/NAME   begins a check of a subject
//
// Both routes are for tests: a public application must authenticate their callers.
import { setTimeout as sleep } from "node:timers/promises";

import { Kept } from "./store.mjs";

const api = process.env.API ?? "";
export const apiKey = process.env.API_KEY ?? "app";

// call calls the API and returns undefined if it responds with not found.
export async function call(method, path, headers, body) {
  const response = await fetch(api + path, {
    method,
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

// people returns the callbacks of serve(). News has the provider's reference of the check, or else the application's
// name of the subject.
//
// ask(reference, subject) returns the API's state of the check, or null if it belongs to another subject. decide(news,
// status, confirmed) returns the new state of a subject with that status, or undefined for no change; confirmed is undefined
// without an API.
// begin(subject) begins a check and returns its reference.
export function people({ ask, decide, begin }) {
  const known = new Kept("known"); // by reference
  const named = new Kept("named"); // references by subject
  const working = new Map(); // by reference

  // News of one check is processed in order.
  function work(news) {
    const reference = news.reference ?? named.get(news.subject);
    if (reference === undefined) return; // the application did not request this check
    const turn = (working.get(reference) ?? Promise.resolve()).then(() => learn(reference, news));
    working.set(reference, turn);
    turn.then(() => working.get(reference) === turn && working.delete(reference));
    return turn;
  }

  async function learn(reference, news) {
    const confirmed = api === "" ? undefined : await insist(() => ask(reference, news.subject));
    if (confirmed === null) return; // the subjects of the event and of the check differ; neither can be trusted
    const current = known.get(reference) ?? { status: "unknown", effects: 0 };
    // The subject of a check is fixed when it begins; an event cannot change it.
    if (news.subject !== undefined && !named.has(news.subject)) named.set(news.subject, reference);
    const status = decide(news, current.status, confirmed);
    if (status !== undefined) known.set(reference, { status, effects: current.effects + 1, name: news.name ?? current.name });
  }

  async function route(method, url) {
    const [, action, name] = /^\/(subjects|start)\/(.+)$/.exec(url) ?? [];
    if (action === "subjects" && method === "GET") {
      const person = known.get(name) ?? known.get(named.get(name));
      return person ? [200, person] : [404, { error: "unknown subject" }];
    }
    if (action === "start" && method === "POST" && begin && api !== "") {
      const reference = await begin(name);
      named.set(name, reference);
      // A webhook that arrived meanwhile is newer than this response.
      if (!known.has(reference)) known.set(reference, { status: "pending", effects: 0 });
      return [200, { reference }];
    }
  }

  return { work, route };
}

// insist retries until it succeeds: the event was acknowledged, so the provider will not send it again.
async function insist(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(50);
    }
  }
}
