// Webhook receiver for Prembly, with the standard library of Node only.
//
//   PREMBLY_PUBLIC_KEY=sandbox_pk_… PORT=4000 node prembly.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. With STATUS=500 it responds to every event with that status, like a failing receiver. PREMBLY_SIGNATURE=base64-key
// is for accounts that still use the signature from before 2026. See people.mjs for API=… and for the state of a
// subject.
import { createHmac } from "node:crypto";
import { decide } from "./codes.mjs";
import { apiKey, call, people } from "./people.mjs";
import { Refused, choice, decode, digest, equal, isObject, secrets, serve } from "./receiver.mjs";

const publicKeys = secrets("PREMBLY_PUBLIC_KEY", "the public key of your account");
const scheme = choice("PREMBLY_SIGNATURE", "hmac-sha256", "base64-key");

// One header has two formats. The settings select one; the sender must not.
function signature(publicKey, body) {
  if (scheme === "base64-key") return Buffer.from(publicKey, "utf8").toString("base64");
  // Hash the original bytes: JSON that is decoded and encoded again can differ.
  return createHmac("sha256", publicKey).update(body).digest("base64");
}

function authenticate(headers, body) {
  if (!publicKeys.some((key) => equal(headers["x-prembly-signature"], signature(key, body)))) {
    throw new Refused(401, "x-prembly-signature is not that of this body, signed for this account");
  }
  const token = headers["token"] ?? "";
  if (token === "") throw new Refused(401, "the token header is missing");

  const event = decode(body);
  if (typeof event.status !== "boolean") throw new Refused(400, "status is not true or false");
  if (typeof event.response_code !== "string") throw new Refused(400, "response_code is not text");
  const { status, response_code: code, data } = event;
  if (typeof data !== "object" || data === null) throw new Refused(400, "data is not a record");

  const record = { token, kind: "API", response_code: code };
  // A screening with a hit also has code 00, for success. The record contains the hit.
  const hit = data.is_pep === true || data.is_sanctioned === true || data.is_adverse_media === true;
  const news = { reference: check(event, token), subject: data.nin, status, code, hit, name: data.firstname };
  if (event.widget_info !== undefined) {
    // Webhooks use Status and a confidence in text; API responses use status and a number.
    const { face_data: face, widget_info: person } = event;
    if (face !== undefined && (typeof face?.Status !== "boolean" || typeof face.confidence !== "string")) {
      throw new Refused(400, "face_data has no Status, or a confidence that is not text");
    }
    if (!isObject(person)) throw new Refused(400, "widget_info is not an object");
    Object.assign(record, { kind: "SDK", user_ref: person.user_ref ?? null });
    news.subject = person.user_ref;
    news.face = face && { match: face.Status, confidence: Number(face.confidence), code: face.response_code };
  }
  // The token identifies the webhook, but until 2026 the check: then later changes have the same token and another body. A
  // duplicate has the same bytes.
  return [record, JSON.stringify([token, digest(body).toString("hex")]), news];
}

// check names the check of an event. Without a name, only the subject tells.
function check(event, token) {
  return scheme === "base64-key" ? token : event.verification?.reference;
}

const key = { "x-api-key": apiKey };

async function ask(reference) {
  return (await call("GET", `/verification/${encodeURIComponent(reference)}/status`, key))?.data?.verification_status ?? "unknown";
}

async function begin(number) {
  return (await call("POST", "/verification/vnin", key, { number_nin: number })).verification.reference;
}

serve(authenticate, people({ ask, decide, begin }));
