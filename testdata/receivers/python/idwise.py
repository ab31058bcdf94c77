"""Webhook receiver for IDWise, with the standard library of Python only.

    IDWISE_AUTHORIZATION='Bearer …' PORT=4000 python3 idwise.py

IDWISE_AUTHORIZATION is the header Authorization configured in the portal: ``Bearer TOKEN``, or ``Basic`` and the base64
of user:password. IDWISE_HEADER='X-Webhook-Key: …' is a custom header instead. With IDWISE_SOURCES=127.0.0.2,… it
accepts events from these addresses only.

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. With STATUS=500 it responds to every event with that status, like a failing receiver. IDWise accepts only 200.
See people.py for API=…, for which API_KEY is KEY:SECRET, and for the state of a subject. IDWISE_FLOW=… is the flow of
journeys that it starts.
"""

import base64
import os

from people import ANOTHER, API_KEY, People, call, quote, text
from receiver import Refused, decode, equal, single, secrets, serve

TYPES = (
    "Finished Journey", "Manually Reviewed", "AML Monitor Update", "Finished User Steps", "Finished Spot Check",
    "Finished Step", "Updated Journey", "Verification Update Required", "KYC Renewal Deadline Exceeded",
)
OWN = os.environ.get("IDWISE_HEADER", "")
if OWN:
    NAME, *VALUES = (part.strip() for part in OWN.split(":", 1))
else:
    NAME = "Authorization"
    VALUES = secrets("IDWISE_AUTHORIZATION", "what the portal sends under Authorization, or IDWISE_HEADER to a header of your own")
SOURCES = [address for address in os.environ.get("IDWISE_SOURCES", "").split(",") if address]


def authenticate(headers, body, address):
    if SOURCES and address not in SOURCES:
        raise Refused(403, f"{address} is none of the sender's addresses")
    given = single(headers, NAME)
    if not any(equal(given, value) for value in VALUES):
        raise Refused(401, f"{NAME} is not the value configured in the portal")

    event = decode(body)
    about = event.get("body")
    if not isinstance(about, dict) or not isinstance(about.get("eventId"), str):
        raise Refused(400, "the event has no eventId")
    # Unknown types are acknowledged and ignored, since providers add new ones.
    if event.get("event") not in TYPES:
        return {"event": event.get("event"), "passed_over": True}, about["eventId"], None
    journey = about.get("journeyId", about.get("spotCheckJourneyId"))
    record = {"event": event["event"], "journey": journey, "reference": about.get("referenceNo")}
    decision = text(about.get("finalDecision")) or text(about.get("systemDecision"))
    if decision is None and event["event"] != "KYC Renewal Deadline Exceeded":
        return record, about["eventId"], None
    news = {"event": event["event"], "reference": text(about.get("journeyId")), "subject": text(about.get("referenceNo")), "decision": decision}
    return record, about["eventId"], news


AUTHORIZATION = {"Authorization": "Basic " + base64.b64encode((API_KEY if ":" in API_KEY else API_KEY + ":secret").encode()).decode()}
STATUSES = {"Complete": "approved", "Approved": "approved", "Incomplete": "pending", "Refer": "review", "Rejected": "rejected"}


def ask(journey, subject):
    result = call("GET", "/journey/v2/" + quote(journey), AUTHORIZATION)
    if result is not None and result.get("reference_number") != subject:
        return ANOTHER
    return (result or {}).get("final_decision", "unknown")


def begin(subject):
    flow = os.environ.get("IDWISE_FLOW", "00000000-0000-4000-8000-0000000000f1")
    return call("POST", "/journey/v2/start-journey", AUTHORIZATION, {"flow_id": flow, "reference_no": subject})["journey_id"]


def decide(news, current, confirmed):
    """Decide the state of a subject. The event only triggers a request to the API, which has the decision."""
    if news["event"] == "KYC Renewal Deadline Exceeded":
        return "expired"
    if news["event"] == "Finished Spot Check":
        # A spot check verifies presence only. It does not approve a journey.
        return None if news["decision"] == "Complete" else "review"
    status = STATUSES.get(confirmed or news["decision"], "review")  # an unknown decision is not an approval
    if news["event"] == "AML Monitor Update" and status == "approved" and current not in ("approved", "review"):
        return None  # the end of a hit gives back what the hit has withdrawn, and approves no one else
    if status == "pending" and current != "unknown":
        # Pending never replaces a decision: events have no timestamp, and their order is not guaranteed.
        return None
    return status


if __name__ == "__main__":
    people = People(ask, decide, begin)
    serve(authenticate, people.work, people.route)
