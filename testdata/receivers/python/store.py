"""State that survives a restart: a database in an application, a file here.

STORE=FILE names the file; without it, state is lost when the process ends.
"""

import json
import os

FILE = os.environ.get("STORE", "")


class Kept(dict):
    """A dict that appends each change to the file as a line [name, key, value]. Keys are strings.

    Use d[key] = value for changes, no other method.
    """

    def __init__(self, name):
        super().__init__()
        self._name = name
        self._file = None
        if FILE:
            # Unbuffered, so that each line is written atomically, even with other writers.
            self._file = open(FILE, "ab+", buffering=0)
            self._file.seek(0)
            for line in self._file.read().splitlines():
                owner, key, value = json.loads(line)
                if owner == name:
                    super().__setitem__(key, value)

    def __setitem__(self, key, value):
        if self._file:
            self._file.write(json.dumps([self._name, key, value]).encode() + b"\n")
        super().__setitem__(key, value)
