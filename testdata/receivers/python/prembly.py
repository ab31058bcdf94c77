"""Webhook receiver for Prembly, with the standard library of Python only.

    PREMBLY_PUBLIC_KEY=sandbox_pk_… PORT=4000 python3 prembly.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. With STATUS=500 it responds to every event with that status, like a failing receiver. PREMBLY_SIGNATURE=base64-key is
for accounts that still use the signature from before 2026. See people.py for API=… and for the state of a subject.
"""

import base64
import hashlib
import hmac

from codes import decide, decision
from people import API_KEY, People, call, quote, text
from receiver import Refused, choice, decode, equal, single, secrets, serve

PUBLIC_KEYS = secrets("PREMBLY_PUBLIC_KEY", "the public key of your account")
SCHEME = choice("PREMBLY_SIGNATURE", "hmac-sha256", "base64-key")


def signature(key, body):
    """One header has two formats. The settings select one; the sender must not."""
    if SCHEME == "base64-key":
        return base64.b64encode(key.encode()).decode()
    # Hash the original bytes: JSON that is decoded and encoded again can differ.
    return base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()


def authenticate(headers, body, _address):
    if not any(equal(single(headers, "x-prembly-signature"), signature(key, body)) for key in PUBLIC_KEYS):
        raise Refused(401, "x-prembly-signature is not that of this body, signed for this account")
    token = headers.get("token", "")
    if token == "":
        raise Refused(401, "the token header is missing")

    event = decode(body)
    if not isinstance(event.get("status"), bool):
        raise Refused(400, "status is not true or false")
    if not isinstance(event.get("response_code"), str):
        raise Refused(400, "response_code is not text")
    if not isinstance(event.get("data"), (dict, list)):
        raise Refused(400, "data is not a record")

    record = {"token": token, "kind": "API", "response_code": event["response_code"]}
    data = event["data"] if isinstance(event["data"], dict) else {}
    # A screening with a hit also has code 00, for success. The record contains the hit.
    hit = any(data.get(name) is True for name in ("is_pep", "is_sanctioned", "is_adverse_media"))
    news = {"reference": check(event, token), "subject": text(data.get("nin")), "status": event["status"], "code": event["response_code"], "hit": hit, "name": text(data.get("firstname"))}
    if "widget_info" in event:
        # Webhooks use Status and a confidence in text; API responses use status and a number.
        face, person = event.get("face_data"), event["widget_info"]
        if "face_data" in event and not (
            isinstance(face, dict)
            and isinstance(face.get("Status"), bool)
            and isinstance(face.get("confidence"), str)
        ):
            raise Refused(400, "face_data has no Status, or a confidence that is not text")
        if not isinstance(person, dict):
            raise Refused(400, "widget_info is not an object")
        record.update(kind="SDK", user_ref=person.get("user_ref"))
        news.update(subject=text(person.get("user_ref")), face=face and (face["Status"], face["confidence"], face.get("response_code")))
    # The token identifies the webhook, but until 2026 the check: then later changes have the same token and another body. A
    # duplicate has the same bytes.
    return record, (token, hashlib.sha256(body).digest()), news


def check(event, token):
    """Name the check of an event. Without a name, only the subject tells."""
    if SCHEME == "base64-key":
        return token
    verification = event.get("verification")
    return text(verification.get("reference")) if isinstance(verification, dict) else None


KEY = {"x-api-key": API_KEY}


def ask(reference, _subject):
    return decision(call("GET", f"/verification/{quote(reference)}/status", KEY))


def begin(number):
    return call("POST", "/verification/vnin", KEY, {"number_nin": number})["verification"]["reference"]


if __name__ == "__main__":
    people = People(ask, decide, begin)
    serve(authenticate, people.work, people.route)
