// Webhook receiver for Identitypass, with the standard library of Node only.
//
//   IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 node identitypass.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. With STATUS=500 it responds to every event with that status, like a failing receiver. See people.mjs for API=…
// and for the state of a subject.
import { decide } from "./codes.mjs";
import { apiKey, call, people } from "./people.mjs";
import { Refused, decode, equal, isObject, secrets, serve } from "./receiver.mjs";

// Identitypass does not sign bodies: the header is the account's public key in base64, the same for every event.
const publicKeys = secrets("IDENTITYPASS_PUBLIC_KEY", "the public key of your account");
const expected = publicKeys.map((key) => Buffer.from(key, "utf8").toString("base64"));

function authenticate(headers, body) {
  // Authenticate first: the body of an unknown sender is never parsed.
  if (!expected.some((value) => equal(headers["x-identitypass-signature"], value))) {
    throw new Refused(401, "X-Identitypass-Signature is not that of this account");
  }
  const token = headers["token"] ?? "";
  if (token === "") throw new Refused(401, "the Token header is missing");

  const { source, data, user_info: person } = decode(body);
  if (!["PORTAL", "CHECKOUT"].includes(source)) throw new Refused(400, "source is neither PORTAL nor CHECKOUT");
  if (!isObject(data)) throw new Refused(400, "data is not an object");

  const code = data.response_code;
  if (typeof code !== "string") throw new Refused(400, "data has no response_code");
  const face = data.face_data && { match: data.face_data.status, confidence: Number(data.face_data.confidence), code: data.face_data.response_code };
  const news = { reference: token, subject: person?.user_ref, status: data.status, code, face, name: data.nin_data?.firstname };
  const record = { token, source, response_code: code };
  // The token identifies the verification, not the event: a pending (02) and a later confirmed event (00) have the same
  // token, so the token alone would discard the confirmation as a duplicate.
  return [record, JSON.stringify([token, code, data.face_data?.status]), news];
}

const path = "/api/v2/biometrics/merchant/data/verification";
const key = { "x-api-key": apiKey };

async function ask(reference) {
  return (await call("POST", `${path}/status`, key, { reference }))?.data?.verification_status ?? "unknown";
}

async function begin(number) {
  return (await call("POST", `${path}/nin_wo_face`, key, { number_nin: number })).verification.reference;
}

serve(authenticate, people({ ask, decide, begin }));
