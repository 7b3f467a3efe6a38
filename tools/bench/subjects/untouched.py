# SPDX-License-Identifier: MIT
"""What is none of the library's business."""

from common import comparison, plot

TITLE = "What is not TCP"
ROUNDS = 120
SUBJECTS = {
    "udp": ("UDP: socket, close", "ipv4", 500),
    "udp-connect": ("UDP: socket, connect, close", "ipv4", 500),
    "unix": ("UNIX: socket, close", "ipv4", 500), "unix-accept": ("UNIX: accept4", "ipv4", 500),
    "pipe": ("pipe, close, close", "ipv4", 500), "file": ("open, close", "ipv4", 500),
}


def measure(bench):
    ways = bench.ways
    chosen = [*ways.bare(), ways.six(), ways.with_rules(), *ways.peers()]
    return {subject: comparison.compare(bench, chosen, subject, family, operations, ROUNDS)
            for subject, (_, family, operations) in SUBJECTS.items()}


def report(data, plots):
    text = ["Six options are configured, none of them for these sockets and files.\n"]
    for subject, its in data.items():
        text += [f"**{SUBJECTS[subject][0]}**\n", comparison.table(its)]
    plot.ratios(f"{plots}/untouched.svg", "Time of calls on what is not TCP",
                [(SUBJECTS[subject][0], comparison.rows_to_plot(its))
                 for subject, its in data.items()])
    return "\n".join(text) + "\n![What is not TCP](plots/untouched.svg)\n"
