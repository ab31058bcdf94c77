// Webhook receiver for Peleza, with the standard library of Node only.
//
//   PORT=4000 node peleza.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. With STATUS=500 it responds to every event with that status, like a failing receiver. See people.mjs for API=…
// and for the state of a subject.
//
// Peleza documents no header that authenticates its webhooks. Register a URL that cannot be guessed, and confirm every
// decision with the API. If your account's webhooks are signed like those of the other providers of the family,
// PELEZA_SIGNATURE=hmac-sha256 or base64-key with PELEZA_PUBLIC_KEY=… rejects all others.
import { createHmac } from "node:crypto";
import { decide } from "./codes.mjs";
import { apiKey, call, people } from "./people.mjs";
import { Refused, choice, decode, digest, equal, isObject, secrets, serve } from "./receiver.mjs";

const scheme = choice("PELEZA_SIGNATURE", "none", "hmac-sha256", "base64-key");
const publicKeys = scheme === "none" ? [] : secrets("PELEZA_PUBLIC_KEY", "the public key of your account");

function signature(publicKey, body) {
  if (scheme === "base64-key") return Buffer.from(publicKey, "utf8").toString("base64");
  return createHmac("sha256", publicKey).update(body).digest("base64");
}

function authenticate(headers, body) {
  if (scheme !== "none" && !publicKeys.some((key) => equal(headers["x-prembly-signature"], signature(key, body)))) {
    throw new Refused(401, "x-prembly-signature is not that of this body, signed for this account");
  }
  const event = decode(body);
  if (typeof event.status !== "boolean") throw new Refused(400, "status is not true or false");
  if (typeof event.detail !== "string") throw new Refused(400, "detail is not text");
  const { status, response_code: code, data } = event;
  if (typeof code !== "string") throw new Refused(400, "response_code is not text");
  if (!isObject(data)) throw new Refused(400, "data is not an object");

  const record = { kind: "API", response_code: code };
  // Unsigned events have no token: the check is unknown, and any sender is possible.
  const token = scheme === "none" ? undefined : headers["token"];
  const news = { reference: token, status, code, name: data.identity_name };
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
  // Without a token, a duplicate looks the same as a second check of the same person with the same body.
  return token ? [record, JSON.stringify([token, digest(body).toString("hex")]), news] : [record, undefined, null];
}

const key = { "x-api-key": apiKey };

async function ask(reference) {
  return (await call("GET", `/peleza/verification/${encodeURIComponent(reference)}/status`, key))?.data?.verification_status ?? "unknown";
}

async function begin(number) {
  return (await call("POST", "/peleza/verification/ke/national_id", key, { number })).verification.reference;
}

serve(authenticate, people({ ask, decide, begin }));
