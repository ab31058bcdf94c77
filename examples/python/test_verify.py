import http.server
import json
import threading
import unittest
import uuid

from idmock import Account


class App(http.server.BaseHTTPRequestHandler):
    """The app: it records webhooks, and fails the first."""

    received = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        App.received.append((self.headers, body))
        self.send_response(503 if len(App.received) == 1 else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


class Verify(unittest.TestCase):
    def setUp(self):
        self.app = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
        threading.Thread(target=self.app.serve_forever, daemon=True).start()
        self.addCleanup(self.app.server_close)
        self.addCleanup(self.app.shutdown)

    def test_pending_check_is_confirmed_and_webhook_is_retried(self):
        idmock = Account(f"python-{uuid.uuid4()}")
        idmock.control("clock", frozen=True)
        idmock.control("endpoints", provider="identitypass", url=f"http://127.0.0.1:{self.app.server_port}/webhooks")

        check = idmock.call("identitypass", "/api/v2/biometrics/merchant/data/verification/bvn", number="22222222222")
        self.assertEqual(check["response_code"], "02")
        self.assertEqual(App.received, [])

        idmock.control("clock/advance", by="1h")
        self.assertEqual(len(App.received), 2)
        headers, body = App.received[1]
        self.assertEqual(headers["token"], check["verification"]["reference"])
        self.assertEqual(body["data"]["response_code"], "00")


if __name__ == "__main__":
    unittest.main()
