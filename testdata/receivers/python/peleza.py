"""A webhook receiver for Peleza as an application would have it, with nothing but Python.

    PORT=4000 python3 peleza.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. STATUS=500 makes it answer every event with that status: a receiver that is down.

Peleza documents no header by which its webhooks could be told from anybody's. Give them a URL that cannot be guessed,
and let no event decide what you can ask the API. If your account's webhooks are signed like those of the rest of the
family, PELEZA_SIGNATURE=hmac-sha256 or base64-key with PELEZA_PUBLIC_KEY=… takes no others.
"""

import base64
import hashlib
import hmac

from receiver import Refused, choice, decode, equal, one, secret, serve

SCHEME = choice("PELEZA_SIGNATURE", "none", "hmac-sha256", "base64-key")
PUBLIC_KEY = b"" if SCHEME == "none" else secret("PELEZA_PUBLIC_KEY", "the public key of your account").encode()


def signature(body):
    if SCHEME == "base64-key":
        return base64.b64encode(PUBLIC_KEY).decode()
    return base64.b64encode(hmac.digest(PUBLIC_KEY, body, "sha256")).decode()


def judge(headers, body, _address):
    if SCHEME != "none" and not equal(one(headers, "x-prembly-signature"), signature(body)):
        raise Refused(401, "x-prembly-signature is not that of this body, signed for this account")
    event = decode(body)
    if not isinstance(event.get("status"), bool):
        raise Refused(400, "status is not true or false")
    if not isinstance(event.get("detail"), str):
        raise Refused(400, "detail is not text")
    if event.get("response_code") not in ("00", "01", "02", "03"):
        raise Refused(400, "response_code is none of 00 to 03")
    if not isinstance(event.get("data"), dict):
        raise Refused(400, "data is not an object")

    record = {"kind": "API", "response_code": event["response_code"]}
    if "widget_info" in event:
        # Status with a capital letter, confidence as text: the API's own answers have status, and a number.
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
    # Without a token nothing tells a repeat from a second check of the same person, whose body is the same.
    token = headers.get("token") if SCHEME != "none" else None
    return record, (token, hashlib.sha256(body).digest()) if token else None


if __name__ == "__main__":
    serve(judge)
