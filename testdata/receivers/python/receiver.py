"""What the receivers in this folder have in common: HTTP, settings, and a memory of what came.

Whose events they take, and how they know the sender, is told in a file for each provider.
"""

import hmac
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from store import Kept

MAX_BODY = 1 << 20


class Refused(Exception):
    """Raised by a judge at an event that it does not take."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def secret(name, what):
    """Read a setting that must be there: an empty secret is one that anybody can send."""
    value = os.environ.get(name, "")
    if value == "":
        sys.exit(f"set {name} to {what}")
    return value


def secrets(name, what):
    """Read such a setting, and NAME_NEXT beside it: while a secret is replaced, both are taken."""
    following = os.environ.get(name + "_NEXT", "")
    return [secret(name, what), following] if following else [secret(name, what)]


def choice(name, *words):
    """Read a setting that is one of some words; the first stands for none."""
    word = os.environ.get(name) or words[0]
    if word not in words:
        sys.exit(f"{name} is one of {', '.join(words)}")
    return word


def equal(got, expected):
    """Compare what was sent with a secret, and take as long for a good guess as for a bad one."""
    # As bytes, because compare_digest raises on text beyond ASCII, and a forged header may hold anything.
    return hmac.compare_digest(got.encode("latin-1", "replace"), expected.encode())


def one(headers, name):
    """Read a header that proves who is asking. One that stands twice is none: a proxy may have looked at the other."""
    values = headers.get_all(name, [])
    return values[0] if len(values) == 1 else ""


def decode(body):
    """Read a body as a JSON object."""
    try:
        # Decoded here, as UTF-8 and nothing else: json.loads of bytes would guess at other encodings.
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(event, dict):
        raise Refused(400, "the body is not an object")
    return event


def serve(judge, work=None, route=None):
    """Ask judge(headers, body, address) about each event, which came from that IP address.

    It returns what to remember and print of the event; an id by which a repeat is known, or None where the provider gives
    nothing that would tell; and the news in it, None if there is none, or else all of it is news. Or it raises Refused.

    work(news), if given, does what it says, in a thread of its own and not for a repeat. route(method, path), if given,
    answers other requests: a status and a value, or None.
    """
    server = Server(judge, work, route, int(os.environ.get("PORT", "0")), int(os.environ.get("STATUS", "0")))
    # shutdown() waits for serve_forever(), which runs in this very thread: so it is called from another.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"listening http://127.0.0.1:{server.server_address[1]}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.05)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A sender that stops in the middle of its body must not hold a thread for ever.
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
            # The sender went away in the middle of its body: nobody is left to answer.
            self.close_connection = True
            return
        if body is None:
            # The rest of the body stays unread, so the connection cannot carry another request.
            self.close_connection = True
            self._answer(413, {"error": "the body is too large or of unknown length"})
            return
        self._answer(*self.server.accept(self.headers, body, self.client_address[0]))

    def _routed(self):
        answer = self.server.route and self.server.route(self.command, self.path)
        if answer:
            self._answer(*answer)
        return answer

    def do_GET(self):
        if self._routed():
            return
        if self.path == "/events":
            self._answer(200, self.server.events())
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

    def __init__(self, judge, work, route, port, broken_status):
        super().__init__(("127.0.0.1", port), Handler)
        self.route = route
        self._judge = judge
        self._work = work
        self._broken_status = broken_status
        self._lock = threading.Lock()
        self._seen = Kept("seen")  # with STORE, a repeat is known after a restart, too
        self._events = []

    def events(self):
        with self._lock:
            return list(self._events)

    def accept(self, headers, body, address):
        """Return the status and the body of the answer to one event."""
        if self._broken_status:
            return self._broken_status, {"error": "this receiver is set to fail"}
        try:
            record, event_id, *news = self._judge(headers, body, address)
        except Refused as refused:
            return refused.status, {"error": str(refused)}
        # Looked up and stored under one lock: two copies that arrive at once must not both be the first.
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
            threading.Thread(target=self._work, args=(news,), daemon=True).start()
        # A repeat is answered like the first: any other status would make the sender try again.
        return 200, {"received": True}
