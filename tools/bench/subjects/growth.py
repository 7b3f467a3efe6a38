# SPDX-License-Identifier: MIT
"""How the cost grows with the number of rules, of descriptors and of threads."""

import contextlib
import resource
import statistics

from common import counts, page, plot
from common.memory import private_kilobytes
from common.turns import summary, take_turns
from common.ways import AGAIN, BARE, OWN, Way

TITLE = "How it grows"
RULES = (1, 10, 100, 1000)
DESCRIPTORS = (10, 1000, 10000, 100000, 1000000)
THREADS = (1, 4, 16, 64)
ROUNDS = 60
CONNECTIONS = 1024
BY_THREADS = 4096  # or starting the threads is what takes the time
MOST = 1048576
OWN_AGAIN = f"{OWN}, again"


def allow_many_descriptors():
    """As many as there may be for the programs that are started; only CAP_SYS_RESOURCE can."""
    with open("/proc/sys/fs/nr_open", encoding="ascii") as file:
        most = min(MOST, int(file.read()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        if hard < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def grow_rules(bench):
    bare, again = bench.ways.bare()
    own, own_again = Way(OWN, own="-own"), Way(OWN_AGAIN, own="-own")
    ruled = [bench.ways.with_rules(count) for count in RULES]
    rounds = bench.rounds(ROUNDS)
    clients = summary(take_turns(bench, [own, own_again, *ruled], "client", "ipv4", 500, rounds),
                      OWN)
    accepts = summary(take_turns(bench, [bare, again, *ruled], "accept", "ipv4", CONNECTIONS,
                                 rounds))
    starting = [way._replace(variables=way.variables | {"SUBJECTS_START": "/bin/true"})
                for way in (bare, again, *ruled)]
    starts = take_turns(bench, starting, "start", "ipv4", 1, rounds)
    instructions = counts.user_instructions(bench, [own, *ruled], "client", "ipv4")

    def row(label, to):
        return {"client": clients[OWN_AGAIN if label == AGAIN else label]["ratio"],
                "accept": accepts[label]["ratio"],
                "start": statistics.median(mine - its for mine, its in
                                           zip(starts[label], starts[BARE])),
                "instructions": instructions[label] - instructions[to] if label in instructions
                else None}
    return {"noise": row(AGAIN, OWN),
            "counts": {str(count): row(way.label, OWN) for count, way in zip(RULES, ruled)}}


def grow(bench, subject, variable, numbers, operations, **how):
    """Bare and libsockopt, for each number."""
    rows = {}
    for number in numbers:
        ways = [way._replace(variables=way.variables | {variable: str(number)})
                for way in (*bench.ways.bare(), bench.ways.six())]
        taken = summary(take_turns(bench, ways, subject, "ipv4", operations,
                                   bench.rounds(ROUNDS), **how))
        memory = [private_kilobytes(bench, way, subject, operations) for way in (ways[0], ways[2])]
        rows[str(number)] = {"bare": taken[BARE]["median"], "ours": taken["libsockopt"]["median"],
                             "noise": taken[AGAIN]["ratio"], "ratio": taken["libsockopt"]["ratio"],
                             "memory": memory[1] - memory[0]}
    return rows


def measure(bench):
    limit = allow_many_descriptors()
    possible = [number for number in DESCRIPTORS if number + 2 * CONNECTIONS + 10 < limit]
    return {"rounds": bench.rounds(ROUNDS), "rules": grow_rules(bench), "limit": limit,
            "descriptors": grow(bench, "accept", "SUBJECTS_DESCRIPTORS", possible, CONNECTIONS),
            # Who waits for whom shows in elapsed time only, and where they can run side by side.
            "threads": grow(bench, "accept-threads", "SUBJECTS_THREADS", THREADS, BY_THREADS,
                            clock="ns", processors=bench.processors),
            "processors": len(bench.processors)}


def where_it_ends(data):
    """Why there are not as many descriptors as there should be; empty where there are."""
    last = max(map(int, data["descriptors"]))
    return "" if last == max(DESCRIPTORS) else (
        f"up to {last:,}: RLIMIT_NOFILE is {data['limit']:,} here")


def report_rules(rules):
    def row(what, its):
        return [what, page.spread(its["accept"]), page.spread(its["client"]),
                f"{its['instructions']:+,}" if its["instructions"] is not None else "",
                page.time(its["start"]) if its["start"] > 0 else "0"]
    return page.table(["rules", "accept, relative to bare", f"client, relative to {OWN}",
                       "client, extra instructions in user space",
                       "start, more than bare"],
                      [row(f"{int(count):,}", its) for count, its in rules["counts"].items()] +
                      [row("noise", rules["noise"])])


def report(data, plots):
    ends = where_it_ends(data)
    titles = {
        "descriptors": f"**Descriptors already open**, accepting {CONNECTIONS} connections" +
                       (f"; only {ends}, and raising it takes CAP_SYS_RESOURCE. Larger numbers "
                        "were counted in instructions: see above." if ends else ""),
        "threads": f"**Threads**, accepting {BY_THREADS} connections from listeners of their own, "
                   f"in elapsed time, on {data['processors']} processors"}
    text = [f"{data['rounds']} rounds. The rules are for other addresses, half of them of "
            "listeners and half of peers, all for the same option. Six options are set, as a "
            "hand-written client sets them.\n",
            "**Rules**\n", report_rules(data["rules"])]
    for name, title in titles.items():
        text += [title + "\n",
                 page.table([name, "bare", "libsockopt", "relative to bare (middle half)", "noise",
                             "memory"],
                            [[f"{int(number):,}", page.time(row["bare"]), page.time(row["ours"]),
                              page.spread(row["ratio"]), page.spread(row["noise"]),
                              f"{row['memory']:+,} KB"]
                             for number, row in data[name].items()])]
    plot.lines(f"{plots}/growth_rules.svg", "Time with more rules", "rules",
               "relative to bare (accept), to hand-written (client)",
               [(what, [(int(count), row[what][1])
                        for count, row in data["rules"]["counts"].items()])
                for what in ("accept", "client")])
    plot.lines(f"{plots}/growth.svg", "Time of accept with more descriptors, and with more threads",
               "open descriptors, threads", "relative to bare",
               [(name, [(int(number), row["ratio"][1]) for number, row in data[name].items()])
                for name in ("descriptors", "threads")], 1.5,
               f"Descriptors {ends}" if ends else "")
    return "\n".join(text) + ("\n![Rules](plots/growth_rules.svg)\n"
                              "\n![Descriptors, threads](plots/growth.svg)\n")
