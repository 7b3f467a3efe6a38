# SPDX-License-Identifier: MIT
"""How the cost grows with the number of rules, of descriptors and of threads."""

import contextlib
import resource
import statistics

from common import counts, page, plot
from common.memory import private_kilobytes
from common.turns import summary, take_turns
from common.ways import BARE

TITLE = "How it grows"
RULES = (1, 10, 100, 1000)
DESCRIPTORS = (10, 1000, 10000, 100000, 1000000)
THREADS = (1, 4, 16, 64)
ROUNDS = 30
CONNECTIONS = 1024
MOST = 1048576  # the kernel's fs.nr_open, unless somebody changed it


def allow_many_descriptors():
    """As many as there may be for the programs that are started; only root can."""
    with contextlib.suppress(ValueError, OSError):
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, MOST))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def grow_rules(bench):
    bare, again = bench.ways.bare()
    ways = [bare, again, *(bench.ways.with_rules(count) for count in RULES)]
    rounds = bench.rounds(ROUNDS)
    clients = summary(take_turns(bench, ways, "client", "ipv4", 100, rounds))
    accepts = summary(take_turns(bench, ways, "accept", "ipv4", CONNECTIONS, rounds))
    starting = [way._replace(variables=way.variables | {"SUBJECTS_START": "/bin/true"})
                for way in ways]
    starts = take_turns(bench, starting, "start", "ipv4", 1, rounds)
    instructions = counts.user_instructions(bench, [bare, *ways[2:]], "client", "ipv4")
    return {str(count): {
        "client": clients[way.label]["ratio"], "accept": accepts[way.label]["ratio"],
        "start": statistics.median(mine - its for mine, its in zip(starts[way.label],
                                                                    starts[BARE])),
        "instructions": (instructions[way.label] - instructions[BARE]) if instructions else None}
        for count, way in zip(RULES, ways[2:])}


def grow(bench, subject, variable, numbers, rounds):
    """Bare and libsockopt, for each number."""
    rows = {}
    for number in numbers:
        ways = [way._replace(variables=way.variables | {variable: str(number)})
                for way in (*bench.ways.bare(), bench.ways.six())]
        taken = summary(take_turns(bench, ways, subject, "ipv4", CONNECTIONS, rounds))
        rows[str(number)] = {"bare": taken[BARE]["median"], "ours": taken["libsockopt"]["median"],
                             "noise": taken["bare again"]["ratio"],
                             "ratio": taken["libsockopt"]["ratio"],
                             "memory":
                         private_kilobytes(bench, ways[2], subject, CONNECTIONS) -
                         private_kilobytes(bench, ways[0], subject, CONNECTIONS)}
    return rows


def measure(bench):
    limit = allow_many_descriptors()
    possible = [number for number in DESCRIPTORS if number + 2 * CONNECTIONS + 10 < limit]
    return {"rounds": bench.rounds(ROUNDS), "rules": grow_rules(bench),
            "descriptors": grow(bench, "accept", "SUBJECTS_DESCRIPTORS", possible,
                                bench.rounds(ROUNDS // 2)),
            "threads": grow(bench, "accept-threads", "SUBJECTS_THREADS", THREADS,
                            bench.rounds(ROUNDS // 2))}


def report(data, plots):
    text = [f"{data['rounds']} rounds. The rules are about other addresses, half of them listeners' "
            "and half of them peers', all for the same option; the options are six.\n",
            "**Rules**\n",
            page.table(["rules", "accept, to bare", "client, to bare", "client, instructions",
                        "start, more than bare"],
                       [[f"{int(count):,}", page.spread(row["accept"]), page.spread(row["client"]),
                         f"{row['instructions']:+,}" if row["instructions"] is not None else "",
                         page.time(row["start"]) if row["start"] > 0 else "0"]
                        for count, row in data["rules"].items()])]
    for name, title in (("descriptors", "Descriptors open already"), ("threads", "Threads")):
        text += [f"**{title}**, accepting {CONNECTIONS} connections\n",
                 page.table(
                     [name, "bare", "libsockopt", "ratio to bare (middle half)", "memory"],
                     [[f"{int(number):,}", page.time(row["bare"]), page.time(row["ours"]),
                       page.spread(row["ratio"]), f"{row['memory']:+,} KB"]
                      for number, row in data[name].items()])]
    plot.lines(f"{plots}/growth_rules.svg", "Time with more rules", "rules", "ratio to bare",
               [(what, [(int(count), row[what][1]) for count, row in data["rules"].items()])
                for what in ("accept", "client")])
    plot.lines(f"{plots}/growth.svg", "Time of accept with more descriptors, and with more threads",
               "open descriptors, threads", "ratio to bare",
               [(f"{name}", [(int(number), row["ratio"][1]) for number, row in data[name].items()])
                for name in ("descriptors", "threads")], 1.5)
    return "\n".join(text) + ("\n![Rules](plots/growth_rules.svg)\n"
                              "\n![Descriptors, threads](plots/growth.svg)\n")
