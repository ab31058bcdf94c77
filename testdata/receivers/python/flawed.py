"""A webhook receiver as a hurried team writes it. It works with every event that the provider sends on an ordinary day.

    WEBHOOK_SECRET=… PORT=4000 python3 flawed.py

``idmock check receiver URL --provider body-hmac`` tells what is wrong with it; the report is kept in
conformance/receiver/testdata. Do not copy from here: the others in this folder are right.
"""

import hashlib
import hmac
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"]

people = {}
seen = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        # A body in chunks has no Content-Length.
        event = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        # The hash of what json made of the body, not of the body.
        body = json.dumps(event, separators=(",", ":")).encode()
        if hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() != self.headers.get("X-Signature"):
            return self.answer(401, {"error": "bad signature"})
        self.answer(200, {"received": True})
        threading.Thread(target=work, args=(event,), daemon=True).start()

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
    # Between looking and remembering there is time for the same event to come again.
    if event["id"] in seen:
        return
    time.sleep(0.3)  # the database
    # What is not a refusal is taken for an approval; and who is it who smiled, when, and in which environment?
    status = "rejected" if data["decision"] in ("rejected", "revoked", "flagged") else "active"
    effects = people.get(data["subject"], {"effects": 0})["effects"] + 1
    people[data["subject"]] = {"status": status, "effects": effects, "name": data["name"]}
    seen.add(event["id"])


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """An exception in a handler closes the connection: nobody is told."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(f"listening http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
