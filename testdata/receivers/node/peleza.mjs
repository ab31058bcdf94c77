// A webhook receiver for Peleza as an application would have it, with nothing but Node.
//
//   PORT=4000 node peleza.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. STATUS=500 makes it answer every event with that status: a receiver that is down.
//
// Peleza documents no header by which its webhooks could be told from anybody's. Give them a URL that cannot be guessed,
// and let no event decide what you can ask the API. If your account's webhooks are signed like those of the rest of the
// family, PELEZA_SIGNATURE=hmac-sha256 or base64-key with PELEZA_PUBLIC_KEY=… takes no others.
import { createHmac } from "node:crypto";
import { Refused, choice, decode, digest, equal, isObject, secret, serve } from "./receiver.mjs";

const scheme = choice("PELEZA_SIGNATURE", "none", "hmac-sha256", "base64-key");
const publicKey = scheme === "none" ? "" : secret("PELEZA_PUBLIC_KEY", "the public key of your account");

function signature(body) {
  if (scheme === "base64-key") return Buffer.from(publicKey, "utf8").toString("base64");
  return createHmac("sha256", publicKey).update(body).digest("base64");
}

serve((headers, body) => {
  if (scheme !== "none" && !equal(headers["x-prembly-signature"], signature(body))) {
    throw new Refused(401, "x-prembly-signature is not that of this body, signed for this account");
  }
  const event = decode(body);
  if (typeof event.status !== "boolean") throw new Refused(400, "status is not true or false");
  if (typeof event.detail !== "string") throw new Refused(400, "detail is not text");
  if (!["00", "01", "02", "03"].includes(event.response_code)) throw new Refused(400, "response_code is none of 00 to 03");
  if (!isObject(event.data)) throw new Refused(400, "data is not an object");

  const record = { kind: "API", response_code: event.response_code };
  if (event.widget_info !== undefined) {
    // Status with a capital letter, confidence as text: the API's own answers have status, and a number.
    const { face_data: face, widget_info: person } = event;
    if (face !== undefined && (typeof face?.Status !== "boolean" || typeof face.confidence !== "string")) {
      throw new Refused(400, "face_data has no Status, or a confidence that is not text");
    }
    if (!isObject(person)) throw new Refused(400, "widget_info is not an object");
    Object.assign(record, { kind: "SDK", user_ref: person.user_ref ?? null });
  }
  // Without a token nothing tells a repeat from a second check of the same person, whose body is the same.
  const token = scheme === "none" ? undefined : headers["token"];
  return [record, token ? JSON.stringify([token, digest(body).toString("hex")]) : undefined];
});
