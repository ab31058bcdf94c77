// What the receivers for the providers do with what they were told of people, once it is answered: they ask the provider's
// API, if they know where it is, and keep a state for each. What news means is told in a file for each provider.
//
//   API=http://…       the provider's API, which is asked before anything is granted; without it the webhook alone is heard
//   API_KEY=…          the key for it
//   GET /subjects/NAME what is thought of somebody, by the provider's name for the check or by the application's own
//   POST /start/NAME   begins a check of somebody
//
// The two are for tests: where strangers can call, an application asks who they are.
import { setTimeout as sleep } from "node:timers/promises";

import { Kept } from "./store.mjs";

const api = process.env.API ?? "";
export const apiKey = process.env.API_KEY ?? "app";

// call asks the API, and returns undefined where that has nothing of such a name.
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

// people makes what serve() takes. News has the reference, by which the provider knows the check, or else the subject, by
// which the application knows the person.
//
// ask(reference, subject) says how the API sees the check, or null if it is not that person's. decide(news, status, says) is
// what becomes of somebody of that status, or nothing where all stays as it was; says is undefined without an API.
// begin(subject) begins a check and returns its reference.
export function people({ ask, decide, begin }) {
  const known = new Kept("known"); // by reference
  const named = new Kept("named"); // references by subject
  const working = new Map(); // by reference

  // What is told of one check is worked off in the order in which it came.
  function work(news) {
    const reference = news.reference ?? named.get(news.subject);
    if (reference === undefined) return; // somebody that nobody here asked about
    const turn = (working.get(reference) ?? Promise.resolve()).then(() => learn(reference, news));
    working.set(reference, turn);
    turn.then(() => working.get(reference) === turn && working.delete(reference));
  }

  async function learn(reference, news) {
    const says = api === "" ? undefined : await insist(() => ask(reference, news.subject));
    if (says === null) return; // two people were mixed up, and nobody knows which of them is meant
    const have = known.get(reference) ?? { status: "unknown", effects: 0 };
    // Whose check it is was settled when it began; an event cannot make it somebody else's.
    if (news.subject !== undefined && !named.has(news.subject)) named.set(news.subject, reference);
    const status = decide(news, have.status, says);
    if (status !== undefined) known.set(reference, { status, effects: have.effects + 1, name: news.name ?? have.name });
  }

  async function route(method, url) {
    const [, what, name] = /^\/(subjects|start)\/(.+)$/.exec(url) ?? [];
    if (what === "subjects" && method === "GET") {
      const person = known.get(name) ?? known.get(named.get(name));
      return person ? [200, person] : [404, { error: "nobody of that name" }];
    }
    if (what === "start" && method === "POST" && begin && api !== "") {
      const reference = await begin(name);
      named.set(name, reference);
      // What a webhook said meanwhile is newer than this answer, although it came first.
      if (!known.has(reference)) known.set(reference, { status: "pending", effects: 0 });
      return [200, { reference }];
    }
  }

  return { work, route };
}

// insist tries until it works: the provider was told that the event has arrived, and will not send it again.
async function insist(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(50);
    }
  }
}
