"""Webhook receiver for FACEIO, with the standard library of Python only.

    FACEIO_WEBHOOK_TOKEN=… PORT=4000 python3 faceio.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. With STATUS=500 it responds to every event with that status, like a failing receiver. With FACEIO_PUBLIC_ID=fioa…
it rejects events of other applications.

FACEIO times out after six seconds and does not retry: respond first, process afterwards. See people.py for API=… and
for the state of a Facial ID.
"""

import os
import re
import urllib.parse

from people import API_KEY, People, call
from receiver import Refused, decode, equal, single, secrets, serve

WEBHOOK_TOKENS = secrets("FACEIO_WEBHOOK_TOKEN", "the webhook token of your application")
PUBLIC_ID = os.environ.get("FACEIO_PUBLIC_ID", "")


def authenticate(headers, body, _address):
    # FACEIO sends WWW-Authenticate, a response header, instead of Authorization.
    bearer = re.fullmatch(r"bearer +(\S+)", single(headers, "WWW-Authenticate"), re.IGNORECASE)
    if not any(equal(bearer[1] if bearer else "", token) for token in WEBHOOK_TOKENS):
        raise Refused(401, "WWW-Authenticate does not have the token of this application")

    event = decode(body)
    name, facial_id = event.get("eventName"), event.get("facialId")
    if not isinstance(name, str):
        raise Refused(400, "eventName is missing")
    if not all(isinstance(event.get(key), str) and event[key] for key in ("facialId", "appId", "clientIp")):
        raise Refused(400, "facialId, appId or clientIp is missing")
    if PUBLIC_ID not in ("", event["appId"]):
        raise Refused(403, "appId is another application")

    record = {"event": name, "facial_id": facial_id}
    if name not in ("ENROLL", "AUTH", "DELETION"):
        # Unknown events are acknowledged and ignored.
        return {**record, "ignored": True}, None, None
    if name == "ENROLL":
        details = event.get("details")
        if not (
            isinstance(details, dict)
            and re.fullmatch(r"\d{4}-\d\d-\d\d", str(details.get("timestamp")))
            and details.get("gender") in ("male", "female")
            and isinstance(details.get("age"), str)
        ):
            raise Refused(400, "details has no day, gender, or age as text")
        record.update(gender=details["gender"], age=details["age"])
    # A Facial ID is enrolled once and deleted once, but recognised many times, without an ID to tell these events apart.
    if name == "AUTH":
        return record, None, None
    return record, (name, facial_id), {"reference": facial_id, "event": name}


def ask(facial_id, _subject):
    query = urllib.parse.urlencode({"key": API_KEY, "fid": facial_id})
    response = call("GET", "/checkfacialid?" + query, {})
    return response is not None and response.get("valid") is True


def decide(news, current, valid):
    """A deleted Facial ID never returns: enrolling again creates another. A later ENROLL event is therefore out of
    order."""
    if news["event"] == "DELETION":
        return "deleted"
    if current == "deleted":
        return None
    return "unconfirmed" if valid is False else "active"


if __name__ == "__main__":
    people = People(ask, decide)
    serve(authenticate, people.work, people.route)
