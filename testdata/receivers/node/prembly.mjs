// A webhook receiver for Prembly as an application would have it, with nothing but Node.
//
//   PREMBLY_PUBLIC_KEY=sandbox_pk_… PORT=4000 node prembly.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. STATUS=500 makes it answer every event with that status: a receiver that is down. PREMBLY_SIGNATURE=base64-key
// is for accounts whose webhooks are still signed as before 2026. people.mjs tells of API=…, and where it says what it
// thinks of somebody.
import { createHmac } from "node:crypto";
import { decide } from "./codes.mjs";
import { apiKey, call, people } from "./people.mjs";
import { Refused, choice, decode, digest, equal, isObject, secrets, serve } from "./receiver.mjs";

const publicKeys = secrets("PREMBLY_PUBLIC_KEY", "the public key of your account");
const scheme = choice("PREMBLY_SIGNATURE", "hmac-sha256", "base64-key");

// One header, two meanings: which it is belongs in the settings, and is not for the sender to choose.
function signature(publicKey, body) {
  if (scheme === "base64-key") return Buffer.from(publicKey, "utf8").toString("base64");
  // Of the bytes as they came: JSON that was decoded and encoded again need not have the same.
  return createHmac("sha256", publicKey).update(body).digest("base64");
}

function judge(headers, body) {
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
  // A screening that found something says 00, too: it went well. What it found stands in its record.
  const hit = data.is_pep === true || data.is_sanctioned === true || data.is_adverse_media === true;
  const news = { reference: token, status, code, hit, name: data.firstname };
  if (event.widget_info !== undefined) {
    // Status with a capital letter, confidence as text: the API's own answers have status, and a number.
    const { face_data: face, widget_info: person } = event;
    if (face !== undefined && (typeof face?.Status !== "boolean" || typeof face.confidence !== "string")) {
      throw new Refused(400, "face_data has no Status, or a confidence that is not text");
    }
    if (!isObject(person)) throw new Refused(400, "widget_info is not an object");
    Object.assign(record, { kind: "SDK", user_ref: person.user_ref ?? null });
    news.subject = person.user_ref;
    news.face = face && { match: face.Status, confidence: Number(face.confidence) };
  }
  // The token names the check, not the event: what changes later, as a screening may, is told under the same token in
  // another body. A repeat has the same bytes.
  return [record, JSON.stringify([token, digest(body).toString("hex")]), news];
}

const key = { "x-api-key": apiKey };

async function ask(reference) {
  return (await call("GET", `/verification/${encodeURIComponent(reference)}/status`, key))?.data?.verification_status ?? "unknown";
}

async function begin(number) {
  return (await call("POST", "/verification/vnin", key, { number_nin: number })).verification.reference;
}

serve(judge, people({ ask, decide, begin }));
