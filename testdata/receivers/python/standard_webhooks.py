"""Webhook receiver for providers that sign with Standard Webhooks 1.0.0.

    WEBHOOK_SECRET=whsec_… PORT=4000 python3 standard_webhooks.py

``idmock check receiver URL --provider standard-webhooks`` passes. It prints ``listening
http://127.0.0.1:PORT``. GET /subjects/NAME returns the state of a subject, POST /start/NAME begins a verification.
API=http://… and API_KEY=… are the provider's API, which confirms every approval. WEBHOOK_NEXT_SECRET=whsec_…
is accepted as well, for rotations. STORE=FILE keeps its state across restarts.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
from datetime import datetime

from receiver import Refused, decode, equal, secret, serve
from store import Kept

TOLERANCE = 5 * 60  # seconds
MIN_SCORE = 0.8  # of a face match
VERIFICATION_EVENTS = ("verification.completed", "verification.pending", "verification.revoked", "monitoring.hit", "monitoring.cleared")


def key(text):
    return base64.b64decode(text.removeprefix("whsec_"))


KEYS = [key(secret("WEBHOOK_SECRET", "the signing secret, whsec_…"))]
if os.environ.get("WEBHOOK_NEXT_SECRET"):
    KEYS.append(key(os.environ["WEBHOOK_NEXT_SECRET"]))
API = os.environ.get("API", "")

people = Kept("people")  # by subject
lock = threading.Lock()


def authenticate(headers, body, _):
    verify(headers, body)
    if headers.get_content_type() != "application/json" or "Content-Type" not in headers:
        raise Refused(415, "unsupported media type: use application/json")
    event = decode(body)
    kind, data = event.get("type"), event.get("data")
    if not isinstance(kind, str):
        raise Refused(400, "type is missing")
    if kind not in VERIFICATION_EVENTS:
        # Unknown events are acknowledged: providers can add events at any time.
        return {"type": kind}, headers["webhook-id"]
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in ("verification", "subject")):
        raise Refused(400, "verification or subject is missing")
    try:
        at = datetime.fromisoformat(event["created_at"]).timestamp()
    except (KeyError, TypeError, ValueError):
        raise Refused(400, "created_at is not a time") from None
    record = {"type": kind, "environment": event.get("environment"), "at": at}
    record.update({name: data.get(name) for name in ("verification", "subject", "decision", "name", "final", "face")})
    return record, headers["webhook-id"]


def verify(headers, body):
    """Verify the original bytes before parsing them."""
    name, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get_all("webhook-signature", [])
    # With a duplicate header, a proxy may have checked the other one.
    if len(signatures) != 1 or name == "":
        raise Refused(401, "signature is missing or duplicate")
    if not re.fullmatch(r"[0-9]{1,12}", sent):
        raise Refused(401, "invalid timestamp")
    if abs(time.time() - int(sent)) > TOLERANCE:
        raise Refused(401, "timestamp is outside the tolerance")
    for secret_key in KEYS:
        digest = hmac.digest(secret_key, f"{name}.{sent}.".encode("latin-1") + body, hashlib.sha256)
        expected = "v1," + base64.b64encode(digest).decode()
        if any(equal(signature, expected) for signature in signatures[0].split(" ")):
            return
    raise Refused(401, "invalid signature")


def work(record):
    """Process an event after the response, once the API confirms it."""
    if record["type"] not in VERIFICATION_EVENTS or record["environment"] != "live":
        return
    while True:
        try:
            confirmed = query(record["verification"])
        except OSError:
            time.sleep(0.05)  # the event is acknowledged, so the provider will not send it again
            continue
        if confirmed.get("subject", record["subject"]) != record["subject"]:
            return None  # the verification belongs to another subject
        return apply(record, confirmed.get("decision"))


def call(path, body=None):
    request = urllib.request.Request(API + path, data=body, headers={
        "Authorization": "Bearer " + os.environ.get("API_KEY", "app"), "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def query(verification):
    if not API:
        return {}
    try:
        return call("/verifications/" + verification)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return {"decision": "unknown"}
        raise


def apply(record, confirmed):
    with lock:
        current = people.get(record["subject"], {"status": "unknown", "effects": 0, "at": 0, "name": None})
        after = status(record, confirmed)
        if record["at"] < current["at"]:
            return  # a newer event was applied
        if record["at"] == current["at"] and rank(after) < rank(current["status"]):
            return  # the order of arrival of two events of one moment means nothing
        news = {"effects": current["effects"] + 1, "name": record["name"] or current["name"], "at": record["at"]}
        before = current.get("before")
        if after == "cleared":  # gives back what the hit has withdrawn
            if before is not None:
                people[record["subject"]] = {**news, "status": before}
            return
        if after == "flagged":
            before = current["status"] if before is None else before
        elif after != "approved":
            before = None
        elif before is not None:
            before, after = after, "flagged"  # only the event that ends a hit gives access to a person who is on a list
        people[record["subject"]] = {**news, "status": after, "before": before}


def rank(state):
    """Rank states with the same timestamp: a decision above pending, a rejection above an approval."""
    return 0 if state in ("unknown", "pending") else 1 if state == "approved" else 2


def status(record, confirmed):
    """Return the state of a subject. Access requires that all sources agree.

    For an event without a decision, the API has one.
    """
    face = record["face"]
    decision = record["decision"] if record["decision"] is not None else confirmed or "pending"
    if record["type"] == "monitoring.hit":
        return "flagged"
    if record["type"] == "monitoring.cleared":
        return "cleared"
    if record["type"] == "verification.revoked":
        return "revoked"
    if decision != "approved":
        return str(decision)
    if record["final"] is False:
        return "pending"
    if face and not (face.get("match") is True and face.get("score", 0) >= MIN_SCORE):
        return "review"
    if confirmed not in (None, "approved"):
        return "review"
    return "approved"


def route(method, path):
    match = re.fullmatch(r"/(subjects|start)/(.+)", path)
    if match and match[1] == "subjects" and method == "GET":
        with lock:
            person = people.get(match[2])
        return (200, person) if person else (404, {"error": "unknown subject"})
    if match and match[1] == "start" and method == "POST":
        call("/verifications", json.dumps({"subject": match[2]}).encode())
        with lock:
            # A webhook that arrived meanwhile is newer than this response.
            if match[2] not in people:
                people[match[2]] = {"status": "pending", "effects": 0, "at": 0, "name": None}
        return 200, {}
    return None


if __name__ == "__main__":
    serve(authenticate, work, route)
