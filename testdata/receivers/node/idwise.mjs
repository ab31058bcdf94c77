// Webhook receiver for IDWise, with the standard library of Node only.
//
//   IDWISE_AUTHORIZATION='Bearer …' PORT=4000 node idwise.mjs
//
// IDWISE_AUTHORIZATION is the header Authorization configured in the portal: `Bearer TOKEN`, or `Basic` and the base64
// of user:password. IDWISE_HEADER='X-Webhook-Key: …' is a custom header instead. With IDWISE_SOURCES=127.0.0.2,… it
// accepts events from these addresses only.
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. With STATUS=500 it responds to every event with that status, like a failing receiver. IDWise accepts only 200.
// See people.mjs for API=…, for which API_KEY is KEY:SECRET, and for the state of a subject. IDWISE_FLOW=… is the flow
// of journeys that it starts.
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

function authenticate(headers, body, address, request) {
  if (sources.length > 0 && !sources.includes(address)) throw new Refused(403, `${address} is none of the sender's addresses`);
  // A duplicate header is rejected: a proxy may have checked the other one.
  const given = request.headersDistinct[name] ?? [];
  if (given.length !== 1 || !values.some((value) => equal(given[0], value))) throw new Refused(401, `${name} is not the value configured in the portal`);

  const { event, body: about } = decode(body);
  if (!isObject(about) || typeof about.eventId !== "string") throw new Refused(400, "the event has no eventId");
  // Unknown types are acknowledged and ignored, since providers add new ones.
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

// decide returns the state of a subject. The event only triggers a request to the API, which has the decision.
function decide({ event, decision }, current, confirmed) {
  if (event === "KYC Renewal Deadline Exceeded") return "expired";
  // A spot check verifies presence only. It does not approve a journey.
  if (event === "Finished Spot Check") return decision === "Complete" ? undefined : "review";
  const status = statuses.get(confirmed ?? decision) ?? "review"; // an unknown decision is not an approval
  // The end of a hit gives back what the hit has withdrawn, and approves no one else.
  if (event === "AML Monitor Update" && status === "approved" && !["approved", "review"].includes(current)) return undefined;
  // Pending never replaces a decision: events have no timestamp, and their order is not guaranteed.
  if (status === "pending" && current !== "unknown") return undefined;
  return status;
}

serve(authenticate, people({ ask, decide, begin }));
