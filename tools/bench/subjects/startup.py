# SPDX-License-Identifier: MIT
"""What the start of a program takes, and the memory that each process has of its own."""

import statistics

from common import page, plot
from common.memory import private_kilobytes
from common.turns import quartiles, take_turns
from common.ways import AGAIN, BARE, Way

TITLE = "Start"
ROUNDS = 300
STARTS = 4
EMPTY = "an empty library"


def ways_of(bench):
    ways = bench.ways
    return [Way(BARE), Way(AGAIN), ways.empty(), ways.no_file(), ways.by_variables(),
            ways.shipped(), ways.six(), ways.with_rules(), *ways.peers()]


def measure(bench):
    ways = ways_of(bench)
    started = [way._replace(variables=way.variables | {"SUBJECTS_START": "/bin/true"})
               for way in ways]
    taken = take_turns(bench, started, "start", "ipv4", STARTS, bench.rounds(ROUNDS))
    memory = {way.label: statistics.median(private_kilobytes(bench, way) for _ in range(5))
              for way in ways}
    more = {label: quartiles([mine - its for mine, its in zip(values, taken[EMPTY])])
            for label, values in taken.items()}
    return {"rounds": bench.rounds(ROUNDS), "more": more, "memory": memory,
            "median": {label: statistics.median(values) for label, values in taken.items()}}


def report(data, plots):
    rows = []
    for label, (low, median, high) in data["more"].items():
        rows.append([label, page.time(data["median"][label]),
                     f"**{median / 1000:+.1f} µs** ({low / 1000:+.1f} .. {high / 1000:+.1f})"
                     if label != EMPTY else "",
                     f"{data['memory'][label] - data['memory'][BARE]:+.0f} KB"])
    labels = [label for label in data["more"] if label not in (BARE, AGAIN)]
    bare = data["more"][BARE][1]
    plot.bars(f"{plots}/startup.svg", "Start of /bin/true, more than without a library", "", [
        ("µs", [(label, max(0, (data["more"][label][1] - bare) / 1000)) for label in labels]),
        ("private memory, KB",
         [(label, max(0, data["memory"][label] - data["memory"][BARE])) for label in labels])],
              lambda value: f"{value:.0f}")
    return ("Processor time from `posix_spawn` of /bin/true to its end, "
            f"{data['rounds']} rounds of {STARTS}. Memory is a process's private memory "
            "(Private_Clean and Private_Dirty), more than without a library.\n\n" +
            page.table(["", "time", "more than an empty library (middle half)", "memory"], rows) +
            "\n![Start](plots/startup.svg)\n")
