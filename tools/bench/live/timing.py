# SPDX-License-Identifier: MIT
"""Processor time and memory of programs that are run in turns."""

import os
import subprocess
import sys


def run(argv):
    """Seconds on a processor (others may be at work here too), and the most memory in KiB, or what
    this process had when it was forked from it, where that is more."""
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(argv, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(argv)} failed: {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


class Taken:
    """What was measured: for each number of sockets, and each way to look at them."""

    def __init__(self):
        self.seconds, self.kib = {}, {}

    def take(self, sockets, way, argv):
        seconds, kib = run(argv)
        self.seconds.setdefault(sockets, {}).setdefault(way, []).append(seconds)
        most = self.kib.setdefault(sockets, {})
        most[way] = max(most.get(way, 0), kib)
