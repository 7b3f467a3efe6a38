# SPDX-License-Identifier: MIT
"""What `sockopt show` and `sockopt apply` cost for many sockets of other processes: measured in a
network namespace with nothing else in it, and shown beside the bare system calls."""

import json
import os
import resource
import statistics
import subprocess
import sys

from . import page, plot
from .bench import HERE, Skip
from .turns import quartiles

FEW, MANY = 10_000, 100_000
ROUNDS = 7


def measure(bench, script, many=MANY):
    if os.geteuid() != 0:
        raise Skip("needs root, for network and process namespaces")
    bench.compile("bare_calls")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    done = subprocess.run(
        ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable,
         "-B", os.path.join(HERE, "live", script), bench.build, bench.work, str(many * FEW // MANY),
         str(many), str(bench.rounds(ROUNDS))],
        stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def sizes(data):
    """The two numbers of sockets, as the keys of JSON are."""
    return sorted(data["seconds"], key=int)


def total(data, size):
    """Each process has a listener besides."""
    return int(size) + data["processes"][size]


def each(data, size, way):
    """Microseconds a socket."""
    return statistics.median(data["seconds"][size][way]) / total(data, size) * 1e6


def mebibytes(data, size, way):
    return data["kib"][size][way] / 1024


def ratio(data, size, way, to):
    """Of the two in each round: its quartiles."""
    taken = data["seconds"][size]
    return quartiles([mine / its for mine, its in zip(taken[way], taken[to])])


def growth(data, way):
    """How much more a socket costs among many than among few: 1 is linear."""
    few, many = sizes(data)
    return quartiles([(much / total(data, many)) / (little / total(data, few))
                      for much, little in zip(data["seconds"][many][way],
                                              data["seconds"][few][way])])


def label(way):
    """`6 options: apply` as `sockopt apply: 6 options`."""
    what, colon, who = way.rpartition(": ")
    who += colon + what
    return who if who.startswith(("ss", "bare")) else f"sockopt {who}"


def picture(plots, verb, data):
    """What shows it in the page; nothing where only the text is wanted."""
    if not plots:
        return ""
    plot.bars(f"{plots}/{verb}.svg", f"sockopt {verb}", "µs per socket", [
        (f"{int(size):,} sockets",
         [(label(way), each(data, size, way)) for way in data["seconds"][size]])
        for size in sizes(data)], lambda value: f"{value:.1f}")
    return f"![{verb}](plots/{verb}.svg)\n"


def table(data, size, against):
    rows = []
    for way in data["seconds"][size]:
        to = against.get(way)
        rows.append([way if way.startswith(("ss", "bare")) or ":" in way else f"`{way}`",
                     f"{each(data, size, way):.1f}",
                     page.spread(ratio(data, size, way, to)) if to else "",
                     f"{mebibytes(data, size, way):.0f} MiB"])
    held = f"{data['processes'][size]} process" + ("es" if data["processes"][size] > 1 else "")
    return (f"**{int(size):,} sockets** of {held}\n\n" +
            page.table(["", "µs per socket", "relative to the bare calls (middle half)",
                        "peak memory"],
                       rows))
