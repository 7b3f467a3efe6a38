# SPDX-License-Identifier: MIT
"""What was measured, by part, so that each can be measured again by itself: JSON beside the page
that is written from it."""

import json
import os
import time

from . import machine


class Records:
    """In DIRECTORY/results."""

    def __init__(self, directory, source):
        self.directory = os.path.join(directory, "results")
        # Now: somebody may commit something else meanwhile.
        self.commit = machine.commit(source)

    def _path(self, part):
        return os.path.join(self.directory, f"{part}.json")

    def keep(self, part, data):
        os.makedirs(self.directory, exist_ok=True)
        record = {"part": part, "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
                  "commit": self.commit, "machine": machine.describe(),
                  "load": round(os.getloadavg()[0], 1), "data": _rounded(data)}
        path = self._path(part)
        # Whole or not at all: what was there is worth keeping.
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.replace(path + ".new", path)

    def kept(self, part):
        try:
            with open(self._path(part), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None


def _rounded(data):
    """Six digits say more than any clock here knows."""
    if isinstance(data, float):
        return float(f"{data:.6g}")
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_rounded(value) for value in data]
    return data
