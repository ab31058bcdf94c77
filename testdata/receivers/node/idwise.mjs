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
// people.mjs tells of API=…, for which API_KEY is KEY:SECRET, and where it says what it thinks of somebody; IDWISE_FLOW=… is
// the flow of the journeys that it starts.
import { apiKey, call, people } from "./people.mjs";
import { Refused, decode, equal, isObject, secrets, serve } from "./receiver.mjs";

const types = [
  "Finished Journey", "Manually Reviewed", "AML Monitor Update", "Finished User Steps", "Finished Spot Check",
  "Finished Step", "Updated Journey", "Verification Update Required", "KYC Renewal Deadline Exceeded",
];
const own = process.env.IDWISE_HEADER ?? "";
const [name, values] = own === ""
  ? ["authorization", secrets("IDWISE_AUTHORIZATION", "what the portal sends under Authorization, or IDWISE_HEADER to a header of your own")]
  : [own.slice(0, own.indexOf(":")).toLowerCase(), [own.slice(own.indexOf(":") + 1).trim()]];
const sources = (process.env.IDWISE_SOURCES ?? "").split(",").filter((address) => address !== "");

function judge(headers, body, address, request) {
  if (sources.length > 0 && !sources.includes(address)) throw new Refused(403, `${address} is none of the sender's addresses`);
  // A header that stands twice is none: a proxy may have looked at the other.
  const given = request.headersDistinct[name] ?? [];
  if (given.length !== 1 || !values.some((value) => equal(given[0], value))) throw new Refused(401, `${name} is not what the portal was told to send`);

  const { event, body: about } = decode(body);
  if (!isObject(about) || typeof about.eventId !== "string") throw new Refused(400, "the event has no eventId");
  // A type that is newer than this receiver is acknowledged and passed over: payloads grow.
  if (!types.includes(event)) return [{ event, passed_over: true }, about.eventId, null];
  const record = { event, journey: about.journeyId ?? about.spotCheckJourneyId, reference: about.referenceNo };
  const decision = about.finalDecision ?? about.systemDecision;
  if (decision === undefined && event !== "KYC Renewal Deadline Exceeded") return [record, about.eventId, null];
  return [record, about.eventId, { event, reference: about.journeyId, subject: about.referenceNo, decision }];
}

const authorization = { Authorization: "Basic " + Buffer.from(apiKey.includes(":") ? apiKey : `${apiKey}:secret`).toString("base64") };

async function ask(journey, subject) {
  const result = await call("GET", `/journey/v2/${encodeURIComponent(journey)}`, authorization);
  if (result !== undefined && result.reference_number !== subject) return null;
  return result?.final_decision ?? "unknown";
}

async function begin(subject) {
  const flow = process.env.IDWISE_FLOW ?? "00000000-0000-4000-8000-0000000000f1";
  return (await call("POST", "/journey/v2/start-journey", authorization, { flow_id: flow, reference_no: subject })).journey_id;
}

const statuses = new Map([["Complete", "approved"], ["Approved", "approved"], ["Incomplete", "pending"], ["Refer", "review"], ["Rejected", "rejected"]]);

// decide is what becomes of somebody. What was decided is asked of the API: the event only says that it is time to ask.
function decide({ event, decision }, have, says) {
  if (event === "KYC Renewal Deadline Exceeded") return "expired";
  // A spot check is about who is there now. It does not make a journey good that is not.
  if (event === "Finished Spot Check") return decision === "Complete" ? undefined : "review";
  const status = statuses.get(says ?? decision) ?? "review"; // a decision that is newer than this receiver is not known to be good
  // Nothing is decided yet, which undoes no decision: no event says when it happened, and the order is not promised.
  if (status === "pending" && have !== "unknown") return undefined;
  return status;
}

serve(judge, people({ ask, decide, begin }));
