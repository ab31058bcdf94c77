"""Shared code of the receivers in this directory: HTTP, settings, and the events received.

The events and the authentication of each provider are in a file of its own.
"""

import hmac
import json
import os
import signal
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from store import Kept

MAX_BODY = 1 << 20


class Refused(Exception):
    """Raised by authenticate() for a rejected event."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def secret(name, description):
    """Read a required setting: anyone could send an empty secret."""
    value = os.environ.get(name, "")
    if value == "":
        sys.exit(f"set {name} to {description}")
    return value


def secrets(name, description):
    """Read a secret and NAME_NEXT: during a rotation, both are accepted."""
    following = os.environ.get(name + "_NEXT", "")
    return [secret(name, description), following] if following else [secret(name, description)]


def choice(name, *words):
    """Read a setting with a fixed set of values; the first is the default."""
    word = os.environ.get(name) or words[0]
    if word not in words:
        sys.exit(f"{name} is one of {', '.join(words)}")
    return word


def equal(got, expected):
    """Compare a value with a secret in constant time."""
    # As bytes, because compare_digest raises for text beyond ASCII, which forged headers can contain.
    return hmac.compare_digest(got.encode("latin-1", "replace"), expected.encode())


def single(headers, name):
    """Read a header that authenticates the sender. A duplicate is rejected: a proxy may have checked the other one."""
    values = headers.get_all(name, [])
    return values[0] if len(values) == 1 else ""


def decode(body):
    """Parse a body as a JSON object."""
    try:
        # Decode as UTF-8 explicitly: json.loads would guess other encodings.
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(event, dict):
        raise Refused(400, "the body is not an object")
    return event


def serve(authenticate, work=None, route=None):
    """Call authenticate(headers, body, address) for each event; address is the sender's IP address.

    It returns the record to keep and print; an id to detect duplicates, or None if the provider has no ID; and
    optionally the news, None if there is none, by default the record. It raises Refused to reject.

    work(news), if given, processes news in a thread of its own, except for duplicates. route(method, path), if given,
    handles other requests and returns a status and a value, or None.
    """
    server = Server(authenticate, work, route, int(os.environ.get("PORT", "0")), int(os.environ.get("STATUS", "0")))
    # shutdown() waits for serve_forever(), which runs in this thread, so call it from another.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening http://127.0.0.1:{server.server_address[1]}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.05)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A sender that stops in the middle of its body must not block a thread forever.
    timeout = 30
    # Headers and body are written one after the other: with Nagle's algorithm the second write on a kept connection
    # waits for the sender's delayed acknowledgement of the first, some 40 ms an event.
    disable_nagle_algorithm = True

    def do_POST(self):
        if self._routed():
            return
        try:
            body = self._read()
        except EOFError:
            # The sender disconnected in the middle of its body.
            self.close_connection = True
            return
        if body is None:
            # The rest of the body is unread, so the connection cannot be reused.
            self.close_connection = True
            self._respond(413, {"error": "the body is too large or of unknown length"})
            return
        self._respond(*self.server.accept(self.headers, body, self.client_address[0]))

    def _routed(self):
        response = self.server.route and self.server.route(self.command, self.path)
        if response:
            self._respond(*response)
        return response

    def do_GET(self):
        if self._routed():
            return
        if self.path == "/events":
            self._respond(200, self.server.events())
        else:
            self._respond(405, {"error": "method not allowed: use POST"}, allow="POST")

    def _read(self):
        """Read the original bytes, which must not be parsed before authentication; None if there are too many."""
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
        """Read a chunked body, which http.server does not decode."""
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
        """Reject truncated bodies, which can still be valid JSON."""
        body = self.rfile.read(size)
        if len(body) < size:
            raise EOFError
        return body

    def _respond(self, status, value, allow=None):
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
        """Silence request logs, so that standard output contains events only."""


class Server(ThreadingHTTPServer):
    # With the default of 5, connections of a burst wait for retries of the system, a second each.
    request_queue_size = 128

    def __init__(self, authenticate, work, route, port, broken_status):
        super().__init__(("127.0.0.1", port), Handler)
        self.route = route
        self._authenticate = authenticate
        self._work = work
        self._broken_status = broken_status
        self._lock = threading.Lock()
        self._seen = Kept("seen")  # with STORE, duplicates are detected across restarts
        # The news of acknowledged events until they are processed: the provider does not send those again.
        self._todo = Kept("todo")
        for key, news in list(self._todo.items()):
            if news is not None:
                threading.Thread(target=self._process, args=(key, news), daemon=True).start()
        self._events = []

    def events(self):
        with self._lock:
            return list(self._events)

    def accept(self, headers, body, address):
        """Return the status and body of the response to an event."""
        if self._broken_status:
            return self._broken_status, {"error": "this receiver is set to fail"}
        try:
            record, event_id, *news = self._authenticate(headers, body, address)
        except Refused as refused:
            return refused.status, {"error": str(refused)}
        # Look up and store under one lock, so that only one of two concurrent copies is the first.
        with self._lock:
            if event_id is not None:
                event_id = repr(event_id)
                record["duplicate"] = event_id in self._seen
                if not record["duplicate"]:
                    self._seen[event_id] = True
            self._events.append(record)
            print(json.dumps(record, separators=(",", ":")), flush=True)
        news = news[0] if news else record
        if self._work and news and not record.get("duplicate"):
            with self._lock:
                key = uuid.uuid4().hex
                self._todo[key] = news
            threading.Thread(target=self._process, args=(key, news), daemon=True).start()
        # A duplicate gets the same response as the first: any other status would cause a retry.
        return 200, {"received": True}

    def _process(self, key, news):
        self._work(news)
        with self._lock:
            self._todo[key] = None
