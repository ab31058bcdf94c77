"""Webhook receiver for Peleza, with the standard library of Python only.

    PORT=4000 python3 peleza.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. With STATUS=500 it responds to every event with that status, like a failing receiver. See people.py for API=… and
for the state of a subject.

Peleza documents no header that authenticates its webhooks. Register a URL that cannot be guessed, and confirm every
decision with the API. If your account's webhooks are signed like those of the other providers of the family,
PELEZA_SIGNATURE=hmac-sha256 or base64-key with PELEZA_PUBLIC_KEY=… rejects all others.
"""

import base64
import hashlib
import hmac

from codes import decide, decision
from people import API_KEY, People, call, quote, text
from receiver import Refused, choice, decode, equal, single, secrets, serve

SCHEME = choice("PELEZA_SIGNATURE", "none", "hmac-sha256", "base64-key")
PUBLIC_KEYS = [] if SCHEME == "none" else secrets("PELEZA_PUBLIC_KEY", "the public key of your account")


def signature(key, body):
    if SCHEME == "base64-key":
        return base64.b64encode(key.encode()).decode()
    return base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode()


def authenticate(headers, body, _address):
    if SCHEME != "none" and not any(equal(single(headers, "x-prembly-signature"), signature(key, body)) for key in PUBLIC_KEYS):
        raise Refused(401, "x-prembly-signature is not that of this body, signed for this account")
    event = decode(body)
    if not isinstance(event.get("status"), bool):
        raise Refused(400, "status is not true or false")
    if not isinstance(event.get("detail"), str):
        raise Refused(400, "detail is not text")
    if not isinstance(event.get("response_code"), str):
        raise Refused(400, "response_code is not text")
    if not isinstance(event.get("data"), dict):
        raise Refused(400, "data is not an object")

    record = {"kind": "API", "response_code": event["response_code"]}
    # Unsigned events have no token: the check is unknown, and any sender is possible.
    token = headers.get("token") if SCHEME != "none" else None
    news = {"reference": token, "status": event["status"], "code": event["response_code"], "name": text(event["data"].get("identity_name"))}
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
    # Without a token, a duplicate looks the same as a second check of the same person with the same body.
    if not token:
        return record, None, None
    return record, (token, hashlib.sha256(body).digest()), news


KEY = {"x-api-key": API_KEY}


def ask(reference, _subject):
    return decision(call("GET", f"/peleza/verification/{quote(reference)}/status", KEY))


def begin(number):
    return call("POST", "/peleza/verification/ke/national_id", KEY, {"number": number})["verification"]["reference"]


if __name__ == "__main__":
    people = People(ask, decide, begin)
    serve(authenticate, people.work, people.route)
