# SPDX-License-Identifier: MIT
"""backlog: what a burst of connections meets at a server that is slow to accept."""

import itertools

from .run import median, percentile

BURST = 500
VARIANTS = (("none", None), ("`backlog = 4096`", "backlog = 4096"),
            ("`preset = balanced`", "preset = balanced"))


def overflows(victim):
    """ListenOverflows of this network namespace."""
    with open(f"/proc/{victim.process.pid}/net/netstat", encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(dict(zip(*lines))["ListenOverflows"])


def seconds(value):
    return f"{value:.2f} s"


def bursts(runner, namespace):
    """A server whose program says listen(128) and that takes a connection every 4 ms."""
    rows = []
    for speaks, (what, settings) in itertools.product(("client", "server"), VARIANTS):
        victim, port = runner.serve(namespace, settings, "slow", "127.0.0.1", 128, 0.004)
        before = overflows(victim)
        client = runner.start(namespace, None, "burst", "127.0.0.1", port, BURST, 12, speaks)
        got = client.next(40)
        rows.append((speaks, what, got["retried"], overflows(victim) - before,
                     seconds(median(got["connected"])), seconds(percentile(got["connected"], 0.95)),
                     seconds(max(got["connected"])), seconds(median(got["served"])),
                     seconds(max(got["served"])), BURST - len(got["served"])))
        client.stop()
        victim.stop()
    return (("who speaks first", "settings", "had to try again", "dropped by the kernel",
             "connected, median", "95 %", "last", "served, median", "last", "never"), rows)
