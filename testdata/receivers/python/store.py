"""A memory that outlives the process: a database in an application, a file here.

STORE=FILE names it; without it what is kept is gone when the process ends.
"""

import json
import os

FILE = os.environ.get("STORE", "")


class Kept(dict):
    """A dict of which each item is written down as it is set: a line [name, key, value]. Keys are text.

    Set items with d[key] = value and with nothing else.
    """

    def __init__(self, name):
        super().__init__()
        self._name = name
        self._file = None
        if FILE:
            # Unbuffered, so that a line is written at once and whole, whoever else writes to the file.
            self._file = open(FILE, "ab+", buffering=0)
            self._file.seek(0)
            for line in self._file.read().splitlines():
                whose, key, value = json.loads(line)
                if whose == name:
                    super().__setitem__(key, value)

    def __setitem__(self, key, value):
        if self._file:
            self._file.write(json.dumps([self._name, key, value]).encode() + b"\n")
        super().__setitem__(key, value)
