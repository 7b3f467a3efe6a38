# SPDX-License-Identifier: MIT
"""What a client's connection takes: socket, connect, close."""

from common import comparison, plot
from common.ways import OWN, Way

TITLE = "Clients"
OPERATIONS = 1000
ROUNDS = 250


def measure(bench):
    ways = bench.ways
    rules = ways.with_rules()
    chosen = [*ways.bare(), Way(OWN, own="-own"), ways.six(), rules,
              rules._replace(label=f"{rules.label}, the address on the stack", own="-stack"),
              ways.not_remembered(), ways.nothing_set(), ways.four(), *ways.peers()]
    return comparison.compare(bench, chosen, "client", "ipv4", OPERATIONS, ROUNDS, OWN)


def report(data, plots):
    plot.ratios(f"{plots}/clients.svg", "Time of socket, connect, close",
                [("", comparison.rows_to_plot(data))])
    return (f"{data['operations']} connections over loopback in each of {data['rounds']} rounds, "
            "with six options unless noted. The peers set up to four: compare them with `keepalive "
            "only`.\n\n" + comparison.table(data) + "\n![Clients](plots/clients.svg)\n")
