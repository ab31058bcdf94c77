// A webhook receiver for Identitypass as an application would have it, with nothing but Node.
//
//   IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 node identitypass.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. STATUS=500 makes it answer every event with that status: a receiver that is down.
import { Refused, decode, equal, isObject, secret, serve } from "./receiver.mjs";

// Identitypass signs no body: the header is the account's public key in base64, the same on every event.
const publicKey = secret("IDENTITYPASS_PUBLIC_KEY", "the public key of your account");
const expected = Buffer.from(publicKey, "utf8").toString("base64");

serve((headers, body) => {
  // Who is asking comes first: nothing of a stranger's body is looked at.
  if (!equal(headers["x-identitypass-signature"], expected)) {
    throw new Refused(401, "X-Identitypass-Signature is not that of this account");
  }
  const token = headers["token"] ?? "";
  if (token === "") throw new Refused(401, "the Token header is missing");

  const { source, data } = decode(body);
  if (!["PORTAL", "CHECKOUT"].includes(source)) throw new Refused(400, "source is neither PORTAL nor CHECKOUT");
  if (!isObject(data)) throw new Refused(400, "data is not an object");

  // The token names the verification, not the event: what was pending (02) and is confirmed later (00) comes twice
  // under one token, so the token alone would throw the confirmation away as a repeat.
  const record = { token, source, response_code: data.response_code ?? null };
  return [record, JSON.stringify([token, record.response_code])];
});
