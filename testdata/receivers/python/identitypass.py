"""A webhook receiver for Identitypass as an application would have it, with nothing but Python.

    IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 python3 identitypass.py

It prints ``listening http://127.0.0.1:PORT``, then one line of JSON for each event it accepts. GET /events lists
them. STATUS=500 makes it answer every event with that status: a receiver that is down.
"""

import base64
import hmac
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1 << 20


class Receiver:
    """Judges events. It knows nothing of HTTP beyond headers, bytes and a status."""

    def __init__(self, public_key, broken_status=0):
        # Identitypass signs no body: the header is the account's public key in base64, the same on every event.
        self._expected = base64.b64encode(public_key.encode())
        self._broken_status = broken_status
        self._lock = threading.Lock()
        self._seen = set()
        self._events = []

    def events(self):
        with self._lock:
            return list(self._events)

    def accept(self, headers, body):
        """Return the status and the body of the answer to one event."""
        if self._broken_status:
            return self._broken_status, {"error": "this receiver is set to fail"}
        # Who is asking comes first: nothing of a stranger's body is looked at. As bytes, because compare_digest
        # raises on text beyond ASCII, and a forged header may hold anything.
        signature = headers.get("X-Identitypass-Signature", "").encode("latin-1", "replace")
        if not hmac.compare_digest(signature, self._expected):
            return 401, {"error": "X-Identitypass-Signature is not that of this account"}
        token = headers.get("Token", "")
        if token == "":
            return 401, {"error": "the Token header is missing"}

        try:
            # Decoded here, as UTF-8 and nothing else: json.loads of bytes would guess at other encodings.
            event = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            return 400, {"error": "the body is not JSON"}
        if not isinstance(event, dict) or event.get("source") not in ("PORTAL", "CHECKOUT"):
            return 400, {"error": "source is neither PORTAL nor CHECKOUT"}
        data = event.get("data")
        if not isinstance(data, dict):
            return 400, {"error": "data is not an object"}

        # The token names the verification, not the event: what was pending (02) and is confirmed later (00) comes
        # twice under one token, so the token alone would throw the confirmation away as a repeat.
        response_code = data.get("response_code")
        key = json.dumps([token, response_code])
        # Looked up and stored under one lock: two copies that arrive at once must not both be the first.
        with self._lock:
            duplicate = key in self._seen
            self._seen.add(key)
            record = {
                "token": token,
                "source": event["source"],
                "response_code": response_code,
                "duplicate": duplicate,
            }
            self._events.append(record)
            print(json.dumps(record, separators=(",", ":")), flush=True)
        # A repeat is answered like the first: any other status would make the sender try again.
        return 200, {"received": True}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A sender that stops in the middle of its body must not hold a thread for ever.
    timeout = 30
    # Headers and body are written one after the other: with Nagle's algorithm the second write on a kept connection
    # waits for the sender's delayed acknowledgement of the first, some 40 ms an event.
    disable_nagle_algorithm = True

    def do_POST(self):
        try:
            body = self._read()
        except EOFError:
            # The sender went away in the middle of its body: nobody is left to answer.
            self.close_connection = True
            return
        if body is None:
            # The rest of the body stays unread, so the connection cannot carry another request.
            self.close_connection = True
            self._answer(413, {"error": "the body is too large or of unknown length"})
            return
        self._answer(*self.server.receiver.accept(self.headers, body))

    def do_GET(self):
        if self.path == "/events":
            self._answer(200, self.server.receiver.events())
        else:
            self._answer(405, {"error": "POST events here"}, allow="POST")

    def _read(self):
        """The bytes as they came, for nothing may be decoded before the sender is known; None if too many."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            return None
        if not 0 <= length <= MAX_BODY:
            return None
        return self._read_exactly(length)

    def _read_chunks(self):
        """http.server leaves chunked bodies to its user; a receiver that forgets them sees an empty body."""
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0], 16)
            except ValueError:
                return None
            if size == 0:
                while self.rfile.readline(1024).strip():  # trailers, up to the empty line
                    pass
                return body
            if size < 0 or len(body) + size > MAX_BODY:
                return None
            body += self._read_exactly(size)
            self.rfile.readline(1024)

    def _read_exactly(self, size):
        """A body cut short is no body: it might even be valid JSON up to there."""
        body = self.rfile.read(size)
        if len(body) < size:
            raise EOFError
        return body

    def _answer(self, status, value, allow=None):
        body = json.dumps(value, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if allow:
            self.send_header("Allow", allow)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Standard output is for events, and one line for each request would hide them."""


class Server(ThreadingHTTPServer):
    # The default of 5 makes a burst of events wait a second each for the system to repeat their connects.
    request_queue_size = 128


def main():
    public_key = os.environ.get("IDENTITYPASS_PUBLIC_KEY", "")
    # Without a key the expected signature would be the empty string, which anybody can send.
    if public_key == "":
        sys.exit("set IDENTITYPASS_PUBLIC_KEY to the public key of your account")

    server = Server(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    server.receiver = Receiver(public_key, int(os.environ.get("STATUS", "0")))
    # shutdown() waits for serve_forever(), which runs in this very thread: so it is called from another.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening http://127.0.0.1:{server.server_address[1]}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
