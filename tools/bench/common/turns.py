# SPDX-License-Identifier: MIT
"""Several ways to do the same, in turns.

What the machine does besides changes from second to second.  So all ways are prepared first and
then run one right after the other, in an order that changes from round to round, and a ratio is
only ever taken within a round.  The bare program takes part twice: what its two runs differ by is
the noise.
"""

import contextlib
import select
import statistics
import subprocess

from .ways import AGAIN, BARE

LIMIT = 30  # seconds that a program may take for anything
BATCHES = 5


class Running:
    """A `subjects` that waits for commands."""

    def __init__(self, bench, way, subject, family, operations, clock):
        self.words = [bench.subjects, subject + way.own, family, str(operations), clock]
        self.process = subprocess.Popen(self.words, env=bench.environment(way),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=bench.settle_there)

    def command(self, letter):
        self.process.stdin.write(letter + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], LIMIT)[0]:
            raise TimeoutError(f"{self.words}: no answer to {letter}")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.words} ended with {self.process.wait()}")
        return int(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def order_of(ways, number):
    turn = number % len(ways)
    order = ways[turn:] + ways[:turn]
    return order[::-1] if number // len(ways) % 2 else order


def take_turns(bench, ways, subject, family, operations, rounds, clock="cpu"):
    """Nanoseconds for each operation: {label: [a round's, ...]}.  Of processor time, the kernel's
    included, unless told otherwise: another process that comes between is not counted."""
    taken = {way.label: [] for way in ways}
    # A process has the memory that it happens to get: several of each, one after the other.
    for batch in range(min(BATCHES, rounds)):
        share = rounds // BATCHES + (batch < rounds % BATCHES)
        _take_turns(bench, ways, (subject, family, operations, clock), share, taken)
    return taken


def _take_turns(bench, ways, what, rounds, taken):
    with contextlib.ExitStack() as stack:
        running = {way.label: stack.enter_context(Running(bench, way, *what)) for way in ways}
        labels = list(running)
        for number in range(-1, rounds):  # one before, for what is done but once
            order = order_of(labels, max(number, 0))
            for label in order:
                running[label].command(b"p")
            for label in order:
                nanoseconds = running[label].command(b"r")
                if number >= 0:
                    taken[label].append(nanoseconds / what[2])
            for label in order:
                running[label].command(b"t")


def quartiles(values):
    if len(values) < 2:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def ratios(taken, label, to=BARE):
    """Of the runs of each round.  To the bare program: to the mean of its two runs."""
    base = taken[to]
    if to == BARE and AGAIN in taken and label not in (BARE, AGAIN):
        base = [(one + other) / 2 for one, other in zip(taken[BARE], taken[AGAIN])]
    return [mine / its for mine, its in zip(taken[label], base)]


def summary(taken, to=BARE):
    """{label: {"median": ns, "ratio": [quartile, median, quartile]}}"""
    return {label: {"median": statistics.median(values),
                    "ratio": quartiles(ratios(taken, label, to))}
            for label, values in taken.items()}
