# SPDX-License-Identifier: MIT
"""Several ways to do the same, in turns.

What the machine does besides changes from second to second.  So all ways are prepared first and
then run one right after the other, in an order that changes from round to round, and a ratio is
only ever taken within a round, to one run of the bare program.  That takes part a second time, as
any other way: its ratio is the noise.
"""

import contextlib
import select
import statistics
import subprocess

from .ways import BARE

LIMIT = 30  # seconds that a program may take for anything
TOGETHER = 4  # rounds that the same processes are used for


class Running:
    """A `subjects` that waits for commands."""

    def __init__(self, bench, way, subject, family, operations, clock, processors=None):
        self.words = [*way.starter, bench.subjects, subject + way.own, family, str(operations),
                      clock]
        self.process = subprocess.Popen(self.words, env=bench.environment(way),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=bench.settle_on(processors))

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


def take_turns(bench, ways, subject, family, operations, rounds, clock="cpu", processors=None):
    """Nanoseconds for each operation: {label: [a round's, ...]}.  Of processor time, the kernel's
    included, unless told otherwise: another process that comes between is not counted.  On one
    processor, unless told otherwise."""
    taken = {way.label: [] for way in ways}
    what = (subject, family, operations, clock, processors)
    # A process has the memory that it happens to get, and keeps its speed: many of each.
    for begun in range(0, rounds, TOGETHER):
        _take_turns(bench, ways, what, min(TOGETHER, rounds - begun), taken)
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
    """Of the runs of each round."""
    return [mine / its for mine, its in zip(taken[label], taken[to])]


def summary(taken, to=BARE):
    """{label: {"median": ns, "ratio": [quartile, median, quartile]}}"""
    return {label: {"median": statistics.median(values),
                    "ratio": quartiles(ratios(taken, label, to))}
            for label, values in taken.items()}
