"""Webhook receiver with the usual bugs. It works with every event that a provider sends on an ordinary day.

    WEBHOOK_SECRET=… PORT=4000 python3 flawed.py

``idmock check receiver URL --provider body-hmac`` reports its bugs; the expected report is in
conformance/receiver/testdata. Do not copy this file: the others in this directory are correct.
"""

import hashlib
import hmac
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"]

people = {}
seen = set()
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        # Chunked bodies have no Content-Length.
        event = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        # Bug: hashes the re-encoded body instead of the original bytes.
        body = json.dumps(event, separators=(",", ":")).encode()
        if hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() != self.headers.get("X-Signature"):
            return self.answer(401, {"error": "bad signature"})
        try:
            work(event)
        except (KeyError, TypeError):
            pass  # Bug: acknowledges an event that it could not process.
        self.answer(200, {"received": True})

    def do_GET(self):
        person = people.get(self.path.removeprefix("/subjects/"))
        self.answer(200 if person else 404, person)

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def work(event):
    data = event["data"]
    # Bug: a duplicate can arrive between this check and the recording.
    if event["id"] in seen:
        return
    # Bug: everything except a rejection counts as an approval, without checking liveness, time and environment.
    status = "rejected" if data["decision"] in ("rejected", "revoked", "flagged") else "active"
    with lock:
        effects = people.get(data["subject"], {"effects": 0})["effects"] + 1
        people[data["subject"]] = {"status": status, "effects": effects, "name": data["name"]}
    # The job that sends the e-mails records the event, which takes a minute.
    recording = threading.Timer(60, seen.add, [event["id"]])
    recording.daemon = True
    recording.start()


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """An exception in a handler closes the connection without a response."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(f"listening http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
