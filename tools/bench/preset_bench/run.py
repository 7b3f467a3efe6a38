# SPDX-License-Identifier: MIT
"""Starts the programs to be measured, each in its namespace and under its settings."""

import json
import os
import queue
import statistics
import subprocess
import sys
import threading

VICTIMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "victims.py")


class Program:
    """A started victim.  next() waits for a line of its output, with a limit."""

    def __init__(self, words, environment):
        self.process = subprocess.Popen(words, env=environment, text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.complaints = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._complain, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def _complain(self):
        for line in self.process.stderr:
            self.complaints.append(line.rstrip())

    def next(self, limit=30):
        try:
            return self.lines.get(timeout=limit)
        except queue.Empty:
            raise RuntimeError(f"{self.process.args}: no answer {self.complaints}") from None

    def next_or_none(self, limit):
        try:
            return self.lines.get(timeout=max(0, limit))
        except queue.Empty:
            return None

    def all(self):
        found = []
        while not self.lines.empty():
            found.append(self.lines.get())
        return found

    def stop(self):
        self.process.kill()
        self.process.wait()


class Runner:
    """settings are lines of sockopt.ini, joined by `; `; None means without the library."""

    def __init__(self, library, directory, victims=VICTIMS):
        self.library, self.directory, self.victims = library, directory, victims
        self.programs, self.count, self.stopped = [], 0, False
        self.lock = threading.Lock()

    def start(self, namespace, settings, *words):
        environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin")}
        if settings:
            with self.lock:
                self.count += 1
                path = os.path.join(self.directory, f"{self.count}.ini")
            with open(path, "w", encoding="utf-8") as file:
                file.write("[sockopt]\n" + "\n".join(settings.split("; ")) + "\n")
            environment.update(LD_PRELOAD=self.library, SOCKOPT_CONFIG=path)
        words = ["ip", "netns", "exec", namespace, sys.executable, self.victims,
                 *map(str, words)]
        with self.lock:
            if self.stopped:
                raise RuntimeError("stopped")
            program = Program(words, environment)
            self.programs.append(program)
        return program

    def serve(self, namespace, settings, *words):
        program = self.start(namespace, settings, *words)
        return program, program.next()["port"]

    def stop(self):
        with self.lock:
            self.stopped = True
        for program in self.programs:
            program.stop()

    def complaints(self):
        """What the library or a program said; a sound measurement has none."""
        return sorted({line for program in self.programs for line in program.complaints
                       if line.startswith("sockopt[") or "Error" in line})


def median(values):
    return statistics.median(values) if values else float("nan")


def percentile(values, share):
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
