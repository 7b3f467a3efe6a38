# SPDX-License-Identifier: MIT
"""What it takes to accept 1000 connections that wait in the queue."""

from common import comparison, plot
from common.ways import Way

TITLE = "Accept"
CONNECTIONS = 1000
ROUNDS = 150
NAMES = {"ipv4": "IPv4", "ipv6": "IPv6", "mptcp": "an MPTCP listener, TCP clients",
         "mptcp-clients": "an MPTCP listener, MPTCP clients"}


def ways_of(bench, family):
    ways = bench.ways
    chosen = [*ways.bare(), ways.no_file(), ways.nothing_set(), ways.six(), ways.with_rules()]
    if family.startswith("ip"):
        chosen += [ways.four(), *ways.peers()]
    if family == "ipv4":
        chosen += [ways.every_option(), ways.with_priority(), ways.not_remembered(),
                   Way("set by the program on each", own="-own-each")]
    elif family.startswith("mptcp"):
        chosen.append(ways.four())  # all of which MPTCP takes
    return chosen + [ways.naive()]


def measure(bench):
    return {family: comparison.compare(bench, ways_of(bench, family), "accept", family,
                                       CONNECTIONS, ROUNDS)
            for family in NAMES}


def report(data, plots):
    text = [f"`accept4` drains a queue of {CONNECTIONS} connections. The peers set keepalive only: "
            "compare them with the line of that name. "
            "All ratios are relative to `bare` in the same round. `bare again` is the bare program "
            "once more: its distance from 1 is the noise.\n"]
    for family, its in data.items():
        text += [f"**{NAMES[family]}**, {its['rounds']} rounds\n", comparison.table(its)]
    plot.ratios(f"{plots}/accept.svg", "Time to accept a queued connection",
                [(NAMES[family], comparison.rows_to_plot(its)) for family, its in data.items()])
    return "\n".join(text) + "\n![Accept](plots/accept.svg)\n"
