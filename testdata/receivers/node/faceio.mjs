// Webhook receiver for FACEIO, with the standard library of Node only.
//
//   FACEIO_WEBHOOK_TOKEN=… PORT=4000 node faceio.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. With STATUS=500 it responds to every event with that status, like a failing receiver. With
// FACEIO_PUBLIC_ID=fioa… it rejects events of other applications.
//
// FACEIO times out after six seconds and does not retry: respond first, process afterwards. See people.mjs for API=…
// and for the state of a Facial ID.
import { apiKey, call, people } from "./people.mjs";
import { Refused, decode, equal, isObject, secrets, serve } from "./receiver.mjs";

const webhookTokens = secrets("FACEIO_WEBHOOK_TOKEN", "the webhook token of your application");
const publicID = process.env.FACEIO_PUBLIC_ID ?? "";

function authenticate(headers, body) {
  // FACEIO sends WWW-Authenticate, a response header, instead of Authorization.
  const [, bearer] = /^bearer +(\S+)$/i.exec(headers["www-authenticate"] ?? "") ?? [];
  if (!webhookTokens.some((token) => equal(bearer, token))) throw new Refused(401, "WWW-Authenticate does not have the token of this application");

  const { eventName, facialId, appId, clientIp, details } = decode(body);
  if (typeof eventName !== "string") throw new Refused(400, "eventName is missing");
  if (![facialId, appId, clientIp].every((text) => typeof text === "string" && text !== "")) {
    throw new Refused(400, "facialId, appId or clientIp is missing");
  }
  if (publicID !== "" && appId !== publicID) throw new Refused(403, "appId is another application");

  const record = { event: eventName, facial_id: facialId };
  // Unknown events are acknowledged and ignored.
  if (!["ENROLL", "AUTH", "DELETION"].includes(eventName)) return [{ ...record, ignored: true }, undefined, null];
  if (eventName === "ENROLL") {
    const fits = isObject(details) && /^\d{4}-\d\d-\d\d$/.test(details.timestamp) &&
      ["male", "female"].includes(details.gender) && typeof details.age === "string";
    if (!fits) throw new Refused(400, "details has no day, gender, or age as text");
    Object.assign(record, { gender: details.gender, age: details.age });
  }
  // A Facial ID is enrolled once and deleted once, but recognised many times, without an ID to tell these events apart.
  if (eventName === "AUTH") return [record, undefined, null];
  return [record, `${eventName} ${facialId}`, { reference: facialId, event: eventName }];
}

async function ask(facialId) {
  return (await call("GET", `/checkfacialid?${new URLSearchParams({ key: apiKey, fid: facialId })}`, {}))?.valid === true;
}

// A deleted Facial ID never returns: enrolling again creates another. A later ENROLL event is therefore out of order.
function decide({ event }, current, valid) {
  if (event === "DELETION") return "deleted";
  if (current === "deleted") return undefined;
  return valid === false ? "unconfirmed" : "active";
}

serve(authenticate, people({ ask, decide }));
