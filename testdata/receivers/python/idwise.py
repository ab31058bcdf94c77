"""A webhook receiver for IDWise as an application would have it, with nothing but Python.

    IDWISE_AUTHORIZATION='Bearer …' PORT=4000 python3 idwise.py

IDWISE_AUTHORIZATION is what the portal was told to send under Authorization: ``Bearer TOKEN``, or ``Basic`` and the base64
of user:password. IDWISE_HEADER='X-Webhook-Key: …' is a header of one's own instead. IDWISE_SOURCES=127.0.0.2,… takes
events from these addresses only.

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. STATUS=500 makes it answer every event with that status: a receiver that is down. Only 200 will do for IDWise.
"""

import os

from receiver import Refused, decode, equal, one, secret, serve

TYPES = (
    "Finished Journey", "Manually Reviewed", "AML Monitor Update", "Finished User Steps", "Finished Spot Check",
    "Finished Step", "Updated Journey", "Verification Update Required", "KYC Renewal Deadline Exceeded",
)
OWN = os.environ.get("IDWISE_HEADER", "")
if OWN:
    NAME, VALUE = (part.strip() for part in OWN.split(":", 1))
else:
    NAME = "Authorization"
    VALUE = secret("IDWISE_AUTHORIZATION", "what the portal sends under Authorization, or IDWISE_HEADER to a header of your own")
SOURCES = [address for address in os.environ.get("IDWISE_SOURCES", "").split(",") if address]


def judge(headers, body, address):
    if SOURCES and address not in SOURCES:
        raise Refused(403, f"{address} is none of the sender's addresses")
    if not equal(one(headers, NAME), VALUE):
        raise Refused(401, f"{NAME} is not what the portal was told to send")

    event = decode(body)
    about = event.get("body")
    if not isinstance(about, dict) or not isinstance(about.get("eventId"), str):
        raise Refused(400, "the event has no eventId")
    # A type that is newer than this receiver is acknowledged and passed over: payloads grow.
    if event.get("event") not in TYPES:
        return {"event": event.get("event"), "passed_over": True}, about["eventId"]
    # What was decided is asked of the API, with journeyId. The event only says that it is time to ask.
    journey = about.get("journeyId", about.get("spotCheckJourneyId"))
    return {"event": event["event"], "journey": journey, "reference": about.get("referenceNo")}, about["eventId"]


if __name__ == "__main__":
    serve(judge)
