// A webhook receiver for IDWise as an application would have it, with nothing but Node.
//
//   IDWISE_AUTHORIZATION='Bearer …' PORT=4000 node idwise.mjs
//
// IDWISE_AUTHORIZATION is what the portal was told to send under Authorization: `Bearer TOKEN`, or `Basic` and the base64
// of user:password. IDWISE_HEADER='X-Webhook-Key: …' is a header of one's own instead. IDWISE_SOURCES=127.0.0.2,… takes
// events from these addresses only.
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. STATUS=500 makes it answer every event with that status: a receiver that is down. Only 200 will do for IDWise.
import { Refused, decode, equal, isObject, secret, serve } from "./receiver.mjs";

const types = [
  "Finished Journey", "Manually Reviewed", "AML Monitor Update", "Finished User Steps", "Finished Spot Check",
  "Finished Step", "Updated Journey", "Verification Update Required", "KYC Renewal Deadline Exceeded",
];
const own = process.env.IDWISE_HEADER ?? "";
const [name, value] = own === ""
  ? ["authorization", secret("IDWISE_AUTHORIZATION", "what the portal sends under Authorization, or IDWISE_HEADER to a header of your own")]
  : [own.slice(0, own.indexOf(":")).toLowerCase(), own.slice(own.indexOf(":") + 1).trim()];
const sources = (process.env.IDWISE_SOURCES ?? "").split(",").filter((address) => address !== "");

serve((headers, body, address, request) => {
  if (sources.length > 0 && !sources.includes(address)) throw new Refused(403, `${address} is none of the sender's addresses`);
  // A header that stands twice is none: a proxy may have looked at the other.
  const given = request.headersDistinct[name] ?? [];
  if (given.length !== 1 || !equal(given[0], value)) throw new Refused(401, `${name} is not what the portal was told to send`);

  const { event, body: about } = decode(body);
  if (!isObject(about) || typeof about.eventId !== "string") throw new Refused(400, "the event has no eventId");
  // A type that is newer than this receiver is acknowledged and passed over: payloads grow.
  if (!types.includes(event)) return [{ event, passed_over: true }, about.eventId];
  // What was decided is asked of the API, with journeyId. The event only says that it is time to ask.
  const record = { event, journey: about.journeyId ?? about.spotCheckJourneyId, reference: about.referenceNo };
  return [record, about.eventId];
});
