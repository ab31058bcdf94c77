// Webhook receiver for providers that sign with Standard Webhooks 1.0.0, with the standard library of Node only.
// `idmock check receiver URL --provider standard-webhooks` passes.
//
//   WEBHOOK_SECRET=whsec_… PORT=4000 node standard-webhooks.mjs
//
// It prints `listening http://127.0.0.1:PORT`. GET /subjects/NAME returns the state of a subject, POST /start/NAME
// begins a verification. API=http://… and API_KEY=… are the provider's API, which confirms every approval.
// WEBHOOK_NEXT_SECRET=whsec_… is accepted as well, for rotations. STORE=FILE keeps its state across restarts.
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Refused, decode, equal, isObject, secret, serve } from "./receiver.mjs";
import { Kept } from "./store.mjs";

const tolerance = 5 * 60; // seconds
const minScore = 0.8; // of a face match
const verificationEvents = ["verification.completed", "verification.pending", "verification.revoked", "monitoring.hit", "monitoring.cleared"];

const key = (text) => Buffer.from(text.replace(/^whsec_/, ""), "base64");
const keys = [key(secret("WEBHOOK_SECRET", "the signing secret, whsec_…"))];
if (process.env.WEBHOOK_NEXT_SECRET) keys.push(key(process.env.WEBHOOK_NEXT_SECRET));
const api = process.env.API ?? "";

const people = new Kept("people"); // by subject

function authenticate(headers, body, _, request) {
  verify(headers, body, request);
  const type = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") throw new Refused(415, "unsupported media type: use application/json");
  const event = decode(body);
  if (typeof event.type !== "string") throw new Refused(400, "type is missing");
  // Unknown events are acknowledged: providers can add events at any time.
  if (!verificationEvents.includes(event.type)) return [{ type: event.type }, headers["webhook-id"]];
  const { data } = event;
  if (!isObject(data) || typeof data.verification !== "string" || typeof data.subject !== "string") {
    throw new Refused(400, "verification or subject is missing");
  }
  const { verification, subject, decision, name, final, face } = data;
  const record = { type: event.type, environment: event.environment, at: Date.parse(event.created_at), verification, subject, decision, name, final, face };
  return [record, headers["webhook-id"]];
}

// verify checks the original bytes before they are parsed.
function verify(headers, body, request) {
  const id = headers["webhook-id"] ?? "";
  const sent = headers["webhook-timestamp"] ?? "";
  const signatures = request.headersDistinct["webhook-signature"] ?? [];
  // With a duplicate header, a proxy may have checked the other one.
  if (signatures.length !== 1 || id === "") throw new Refused(401, "signature is missing or duplicate");
  if (!/^\d{1,12}$/.test(sent)) throw new Refused(401, "invalid timestamp");
  if (Math.abs(Date.now() / 1000 - Number(sent)) > tolerance) throw new Refused(401, "timestamp is outside the tolerance");
  for (const signature of signatures[0].split(" ")) {
    for (const key of keys) {
      const expected = createHmac("sha256", key).update(`${id}.${sent}.`).update(body).digest("base64");
      if (equal(signature, `v1,${expected}`)) return;
    }
  }
  throw new Refused(401, "invalid signature");
}

// work processes an event after the response, once the API confirms it.
async function work(record) {
  if (!verificationEvents.includes(record.type) || record.environment !== "live") return;
  for (;;) {
    try {
      const { decision, subject } = await query(record.verification);
      if (subject !== undefined && subject !== record.subject) return; // the verification belongs to another subject
      return apply(record, decision);
    } catch {
      await sleep(50); // the event is acknowledged, so the provider will not send it again
    }
  }
}

async function query(verification) {
  if (!api) return {};
  const response = await fetch(`${api}/verifications/${verification}`, { headers: { Authorization: `Bearer ${process.env.API_KEY ?? "app"}` } });
  if (response.status === 404) return { decision: "unknown" };
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

function apply(record, confirmed) {
  const current = people.get(record.subject) ?? { status: "unknown", effects: 0, at: 0 };
  const next = status(record, confirmed);
  if (record.at < current.at) return; // a newer event was applied
  if (record.at === current.at && rank(next) < rank(current.status)) return; // the order of arrival of two events of one moment means nothing
  const news = { effects: current.effects + 1, name: record.name ?? current.name, at: record.at };
  if (next === "cleared") { // gives back what the hit has withdrawn
    if (current.before !== undefined) people.set(record.subject, { ...news, status: current.before });
    return;
  }
  // Only the event that ends a hit gives access to a person who is on a list.
  const before = next === "flagged" ? current.before ?? current.status : next === "approved" ? current.before && next : undefined;
  people.set(record.subject, { ...news, status: before !== undefined ? "flagged" : next, before });
}

// rank orders states with the same timestamp: a decision above pending, a rejection above an approval.
const rank = (state) => ["unknown", "pending"].includes(state) ? 0 : state === "approved" ? 1 : 2;

// status returns the state of a subject. Access requires that all sources agree. For an event without a decision, the
// API has one.
function status({ type, decision, final, face }, confirmed) {
  decision ??= confirmed ?? "pending";
  if (type === "monitoring.hit") return "flagged";
  if (type === "monitoring.cleared") return "cleared";
  if (type === "verification.revoked") return "revoked";
  if (decision !== "approved") return String(decision);
  if (final === false) return "pending";
  if (face && !(face.match === true && face.score >= minScore)) return "review";
  if (confirmed !== undefined && confirmed !== "approved") return "review";
  return "approved";
}

async function route(method, url) {
  const [, action, name] = /^\/(subjects|start)\/(.+)$/.exec(url) ?? [];
  if (action === "subjects" && method === "GET") {
    const person = people.get(name);
    return person ? [200, person] : [404, { error: "unknown subject" }];
  }
  if (action === "start" && method === "POST") {
    const response = await fetch(`${api}/verifications`, {
      method: "POST",
      headers: { Authorization: `Bearer ${process.env.API_KEY ?? "app"}`, "Content-Type": "application/json" },
      body: JSON.stringify({ subject: name }),
    });
    // A webhook that arrived meanwhile is newer than this response.
    if (response.ok && !people.has(name)) people.set(name, { status: "pending", effects: 0, at: 0 });
    return [response.ok ? 200 : 502, {}];
  }
}

serve(authenticate, { work, route });
