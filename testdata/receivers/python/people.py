"""What the receivers for the providers do with what they were told of people, once it is answered.

They ask the provider's API, if they know where it is, and keep a state for each. What news means is told in a file for each
provider.

    API=http://…       the provider's API, which is asked before anything is granted; without it the webhook alone is heard
    API_KEY=…          the key for it
    GET /subjects/NAME what is thought of somebody, by the provider's name for the check or by the application's own
    POST /start/NAME   begins a check of somebody

The two are for tests: where strangers can call, an application asks who they are.
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
    """Ask the API; None where that has nothing of such a name."""
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
    """What is text, and nothing else."""
    return value if isinstance(value, str) else None


class People:
    """What serve() takes to work with. News is a dict with the reference, by which the provider knows the check, or else
    the subject, by which the application knows the person.

    ask(reference, subject) says how the API sees the check, or ANOTHER if it is not that person's. decide(news, status, says)
    is what becomes of somebody of that status, or None where all stays as it was; says is None without an API.
    begin(subject) begins a check and returns its reference.
    """

    def __init__(self, ask, decide, begin=None):
        self._ask, self._decide, self._begin = ask, decide, begin
        self._lock = threading.Lock()
        self._known = Kept("known")  # by reference
        self._named = Kept("named")  # references by subject
        self._waiting = {}  # news by reference, while somebody works it off

    def work(self, news):
        """Work news off, or leave it to whoever is at it: what is told of one check goes in the order in which it came."""
        with self._lock:
            reference = news.get("reference") or self._named.get(news.get("subject"))
            if reference is None:
                return  # somebody that nobody here asked about
            if reference in self._waiting:
                self._waiting[reference].append(news)
                return
            self._waiting[reference] = collections.deque()
        while True:
            self._learn(reference, news)
            with self._lock:
                if not self._waiting[reference]:
                    del self._waiting[reference]
                    return
                news = self._waiting[reference].popleft()

    def _learn(self, reference, news):
        says = insist(lambda: self._ask(reference, news.get("subject"))) if API else None
        if says is ANOTHER:
            return  # two people were mixed up, and nobody knows which of them is meant
        with self._lock:
            have = self._known.get(reference, {"status": "unknown", "effects": 0, "name": None})
            # Whose check it is was settled when it began; an event cannot make it somebody else's.
            if news.get("subject") is not None and news["subject"] not in self._named:
                self._named[news["subject"]] = reference
            status = self._decide(news, have["status"], says)
            if status is not None:
                name = news.get("name") or have["name"]
                self._known[reference] = {"status": status, "effects": have["effects"] + 1, "name": name}

    def route(self, method, path):
        what = re.fullmatch(r"/(subjects|start)/(.+)", path)
        if what and what[1] == "subjects" and method == "GET":
            with self._lock:
                person = self._known.get(what[2]) or self._known.get(self._named.get(what[2]))
            return (200, person) if person else (404, {"error": "nobody of that name"})
        if what and what[1] == "start" and method == "POST" and self._begin and API:
            reference = self._begin(what[2])
            with self._lock:
                self._named[what[2]] = reference
                # What a webhook said meanwhile is newer than this answer, although it came first.
                if reference not in self._known:
                    self._known[reference] = {"status": "pending", "effects": 0, "name": None}
            return 200, {"reference": reference}
        return None


def insist(attempt):
    """Try until it works: the provider was told that the event has arrived, and will not send it again."""
    while True:
        try:
            return attempt()
        except OSError:
            time.sleep(0.05)
