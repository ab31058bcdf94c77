"""A webhook receiver for Identitypass as an application would have it, with nothing but Python.

    IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 python3 identitypass.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. STATUS=500 makes it answer every event with that status: a receiver that is down.
"""

import base64
import json

from receiver import Refused, decode, equal, one, secret, serve

PUBLIC_KEY = secret("IDENTITYPASS_PUBLIC_KEY", "the public key of your account")

# Identitypass signs no body: the header is the account's public key in base64, the same on every event.
EXPECTED = base64.b64encode(PUBLIC_KEY.encode()).decode()


def judge(headers, body, _address):
    # Who is asking comes first: nothing of a stranger's body is looked at.
    if not equal(one(headers, "X-Identitypass-Signature"), EXPECTED):
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

    # The token names the verification, not the event: what was pending (02) and is confirmed later (00) comes twice
    # under one token, so the token alone would throw the confirmation away as a repeat.
    record = {"token": token, "source": source, "response_code": data.get("response_code")}
    return record, json.dumps([token, record["response_code"]])


if __name__ == "__main__":
    serve(judge)
