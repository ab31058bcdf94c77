"""Processing of events after the response, shared by the receivers of all providers.

Each event is confirmed with the provider's API, if configured, and updates the state of a subject. The meaning of
events is in a file for each provider.

    API=http://…       the provider's API, which confirms approvals; without it, webhooks alone decide
    API_KEY=…          its key
    GET /subjects/NAME state of a subject, by the provider's reference or the application's name
    POST /start/NAME   begins a check of a subject

Both routes are for tests: a public application must authenticate their callers.
"""

import collections
import json
import os
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from store import Kept

API = os.environ.get("API", "")
API_KEY = os.environ.get("API_KEY", "app")
ANOTHER = object()


def call(method, path, headers, body=None):
    """Call the API; None if it responds with not found."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, {**headers, "Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def quote(text):
    return urllib.parse.quote(text, safe="")


def text(value):
    """Return a string, or None for any other type."""
    return value if isinstance(value, str) else None


class People:
    """The callbacks of serve(). News is a dict with the provider's reference of the check, or else with the
    application's name of the subject.

    ask(reference, subject) returns the API's state of the check, or ANOTHER if it belongs to another subject.
    decide(news, status, confirmed) returns the new state of a subject with that status, or None for no change; confirmed is None
    without an API.
    begin(subject) begins a check and returns its reference.
    """

    def __init__(self, ask, decide, begin=None):
        self._ask, self._decide, self._begin = ask, decide, begin
        self._lock = threading.Lock()
        self._known = Kept("known")  # by reference
        self._named = Kept("named")  # references by subject
        self._queues = {}  # queues by reference, while a thread processes them

    def work(self, news):
        """Process news, or leave it to the thread that already does: news of one check is processed in order."""
        with self._lock:
            reference = news.get("reference") or self._named.get(news.get("subject"))
            if reference is None:
                return  # the application did not request this check
            if reference in self._queues:
                self._queues[reference].append(news)
                return
            self._queues[reference] = collections.deque()
        while True:
            self._learn(reference, news)
            with self._lock:
                if not self._queues[reference]:
                    del self._queues[reference]
                    return
                news = self._queues[reference].popleft()

    def _learn(self, reference, news):
        confirmed = insist(lambda: self._ask(reference, news.get("subject"))) if API else None
        if confirmed is ANOTHER:
            return  # the subjects of the event and of the check differ; neither can be trusted
        with self._lock:
            current = self._known.get(reference, {"status": "unknown", "effects": 0, "name": None})
            # The subject of a check is fixed when it begins; an event cannot change it.
            if news.get("subject") is not None and news["subject"] not in self._named:
                self._named[news["subject"]] = reference
            status = self._decide(news, current["status"], confirmed)
            if status is not None:
                name = news.get("name") or current["name"]
                self._known[reference] = {"status": status, "effects": current["effects"] + 1, "name": name}

    def route(self, method, path):
        match = re.fullmatch(r"/(subjects|start)/(.+)", path)
        if match and match[1] == "subjects" and method == "GET":
            with self._lock:
                person = self._known.get(match[2]) or self._known.get(self._named.get(match[2]))
            return (200, person) if person else (404, {"error": "unknown subject"})
        if match and match[1] == "start" and method == "POST" and self._begin and API:
            reference = self._begin(match[2])
            with self._lock:
                self._named[match[2]] = reference
                # A webhook that arrived meanwhile is newer than this response.
                if reference not in self._known:
                    self._known[reference] = {"status": "pending", "effects": 0, "name": None}
            return 200, {"reference": reference}
        return None


def insist(attempt):
    """Retry until it succeeds: the event was acknowledged, so the provider will not send it again."""
    while True:
        try:
            return attempt()
        except OSError:
            time.sleep(0.05)
