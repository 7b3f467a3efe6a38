# SPDX-License-Identifier: MIT
"""`sockopt watch`: from listen to the backlog that is configured; and `attach --established`."""

import json
import os
import statistics
import subprocess
import sys

from common import page, plot
from common.attached import why_not
from common.bench import HERE, Skip

TITLE = "`sockopt watch`, `attach --established`"
LISTENERS = 1000
ROUNDS = 7


def measure(bench, many=None):
    """`many` is for other parts: a thousand are enough here."""
    del many
    if os.geteuid() != 0:
        raise Skip("needs root, to attach eBPF programs")
    if why := why_not(bench.build, "unshare", "--mount", "sh", "-c",
                      'mount -t bpf bpf /sys/fs/bpf && exec "$0" "$@"'):
        raise Skip(why)
    bench.compile("listen_wait")
    done = subprocess.run(
        ["unshare", "--mount", "--net", sys.executable, "-B",
         os.path.join(HERE, "live", "watch_rounds.py"), bench.build, bench.work, str(LISTENERS),
         str(bench.rounds(ROUNDS))],
        stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def of_rounds(rounds, name):
    """Of one round in the middle; of the slowest, the slowest of all."""
    values = [one[name] for one in rounds]
    return max(values) if name == "slowest" else statistics.median(values)


def microseconds(rounds):
    return [f"{of_rounds(rounds, name):,.0f}" for name in ("median", "99 %", "slowest")]


def report(data, plots):
    last = [one["slowest"] / 1000 for one in data["together"]]
    memory = {name: kib / 1024 for name, kib in data["memory"].items()}
    thousand = f"{data['listeners']:,} listeners"
    attached = {name: statistics.median(data[name]) * 1000
                for name in ("attach", "attach_established")}
    lines = [
        "Microseconds from the call of `listen` until the kernel shows the configured backlog, "
        f"as the program sees it; the median of {data['rounds']} rounds.\n",
        page.table(["", "median", "99 %", "slowest"],
                   [["one listener at a time", *microseconds(data["each"])],
                    [f"{thousand} of one process at once, each", *microseconds(data["together"])]]),
        f"All of {thousand} had it {statistics.median(last):.0f} ms after the last `listen` at the "
        f"median, {max(last):.0f} ms at most.\n",
        f"**Memory of `watch`** after that: {memory['VmRSS']:.1f} MiB resident, of these "
        f"{memory['RssAnon']:.1f} MiB its own; {memory['VmHWM']:.1f} MiB while it loaded its "
        "program.\n",
        f"**`attach`** took {attached['attach']:.0f} ms, and with `--established`, for {thousand} "
        f"that were there, {attached['attach_established']:.0f} ms.\n"]
    if plots:
        plot.bars(f"{plots}/watch.svg", "sockopt watch", "µs until the backlog is there", [
            ("median", [("one at a time", of_rounds(data["each"], "median")),
                        (f"{thousand} at once", of_rounds(data["together"], "median"))])],
                  lambda value: f"{value:,.0f}")
        lines.append("![watch](plots/watch.svg)\n")
    return "\n".join(lines)
