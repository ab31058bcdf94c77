"""The helper of a test: one account of a running idmock."""

import json
import os
import urllib.parse
import urllib.request

SERVER = os.environ.get("IDMOCK", "http://127.0.0.1:8080")


def post(url, body, headers=None):
    """POST JSON and return the decoded response, None if it is empty."""
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null")


class Account:
    """The isolated world of one API key."""

    def __init__(self, key):
        self.key = key

    def control(self, path, **body):
        """POST to the control API. With clock/advance it returns once every due webhook was delivered or has failed."""
        return post(f"{SERVER}/_idmock/v1/{path}?account={urllib.parse.quote(self.key)}", body)

    def call(self, provider, path, **body):
        """POST to a provider's API with the account's key."""
        return post(f"{SERVER}/{provider}{path}", body, {"x-api-key": self.key})
