"""Webhook receiver for Identitypass, with the standard library of Python only.

    IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 python3 identitypass.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. With STATUS=500 it responds to every event with that status, like a failing receiver. See people.py for API=… and
for the state of a subject.
"""

import base64

from codes import decide, decision
from people import API_KEY, People, call, text
from receiver import Refused, decode, equal, single, secrets, serve

PUBLIC_KEYS = secrets("IDENTITYPASS_PUBLIC_KEY", "the public key of your account")

# Identitypass does not sign bodies: the header is the account's public key in base64, the same for every event.
EXPECTED = [base64.b64encode(key.encode()).decode() for key in PUBLIC_KEYS]


def authenticate(headers, body, _address):
    # Authenticate first: the body of an unknown sender is never parsed.
    signature = single(headers, "X-Identitypass-Signature")
    if not any(equal(signature, expected) for expected in EXPECTED):
        raise Refused(401, "X-Identitypass-Signature is not that of this account")
    token = headers.get("Token", "")
    if token == "":
        raise Refused(401, "the Token header is missing")

    event = decode(body)
    source, data = event.get("source"), event.get("data")
    if source not in ("PORTAL", "CHECKOUT"):
        raise Refused(400, "source is neither PORTAL nor CHECKOUT")
    if not isinstance(data, dict):
        raise Refused(400, "data is not an object")

    code = data.get("response_code")
    if not isinstance(code, str):
        raise Refused(400, "data has no response_code")

    face, person, nin = (part if isinstance(part, dict) else {} for part in (data.get("face_data"), event.get("user_info"), data.get("nin_data")))
    news = {"reference": token, "subject": text(person.get("user_ref")), "status": data.get("status"), "code": code, "name": text(nin.get("firstname"))}
    if face:
        news["face"] = face.get("status"), face.get("confidence"), face.get("response_code")
    # The token identifies the verification, not the event: a pending (02) and a later confirmed event (00) have the
    # same token, so the token alone would discard the confirmation as a duplicate.
    return {"token": token, "source": source, "response_code": code}, (token, code, face.get("status")), news


PATH = "/api/v2/biometrics/merchant/data/verification"
KEY = {"x-api-key": API_KEY}


def ask(reference, _subject):
    return decision(call("POST", PATH + "/status", KEY, {"reference": reference}))


def begin(number):
    return call("POST", PATH + "/nin_wo_face", KEY, {"number_nin": number})["verification"]["reference"]


if __name__ == "__main__":
    people = People(ask, decide, begin)
    serve(authenticate, people.work, people.route)
