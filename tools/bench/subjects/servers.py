# SPDX-License-Identifier: MIT
"""Whole servers under load, with one connection per request."""

import contextlib
import shutil
import statistics

from common import page, plot, servers
from common.bench import Skip
from common.turns import order_of, quartiles, ratios
from common.ways import BARE, Way

TITLE = "Servers"
ROUNDS = 15
OWN = {"nginx": "nginx's own so_keepalive", "redis": "redis' own tcp-keepalive"}
WHAT = {"nginx": "nginx, one process; wrk, 16 connections, `Connection: close`",
        "redis": "redis; redis-benchmark -k 0, 16 connections at a time, PING"}


def ways_of(bench):
    ways = bench.ways
    return [*ways.bare(), ways.six(), ways.with_rules(), *ways.peers(), ways.naive()]


def measure_server(bench, name, command, own_command, load):
    with contextlib.ExitStack() as stack:
        running = {}
        for number, way in enumerate([*ways_of(bench), Way(OWN[name])]):
            start = own_command if way.label == OWN[name] else command
            running[way.label] = stack.enter_context(
                servers.Server(bench, way, f"{bench.work}/{name}{number}", start))
        labels = list(running)
        rates, slow, taken = ({label: [] for label in labels} for _ in range(3))
        for number in range(-1, bench.rounds(ROUNDS)):
            for label in order_of(labels, max(number, 0)):
                server = running[label]
                before = server.processor_time(), servers.processor_time_of_loads()
                requests, late = load(bench, server.port)
                if number < 0:
                    continue
                its = server.processor_time() - before[0]
                loads = servers.processor_time_of_loads() - before[1]
                taken[label].append(its / requests)
                rates[label].append(requests * 1e9 / (its + loads))
                slow[label].append(late)
    return {label: {"rate": statistics.median(rates[label]),
                    "late": statistics.median(slow[label]),
                    "time": statistics.median(taken[label]),
                    "rate_ratio": quartiles(ratios(rates, label)),
                    "late_ratio": quartiles(ratios(slow, label)),
                    "time_ratio": quartiles(ratios(taken, label))} for label in labels}


def measure(bench):
    for program in ("nginx", "wrk", "redis-server", "redis-benchmark"):
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")
    return {"rounds": bench.rounds(ROUNDS),
            "nginx": measure_server(bench, "nginx", servers.nginx(),
                                    servers.nginx(" so_keepalive=60s:10s:5"), servers.load_nginx),
            "redis": measure_server(bench, "redis", servers.redis(), servers.redis(60),
                                    servers.load_redis)}


def report(data, plots):
    text = [f"{data['rounds']} rounds of a second, the servers in turns. Server time is the "
            "processor time of a request, including the kernel's. Server and load generator share "
            "one processor, which is always busy, and requests are counted per second of it: a "
            "server that needs more time serves fewer. On a processor of its own it would wait for "
            "the load generator, which has more work per connection, and the count would show "
            "nothing.\n"]
    for name, what in WHAT.items():
        rows = [[label, page.time(row["time"]), page.spread(row["time_ratio"]),
                 f"{row['rate']:,.0f}/s", page.spread(row["rate_ratio"]),
                 f"{row['late']:.2f} ms", f"{row['late_ratio'][1]:.3f}"]
                for label, row in data[name].items()]
        text += [f"**{what}**\n",
                 page.table(["", "server time", "relative to bare (middle half)", "requests",
                             "relative to bare (middle half)", "99 %", "relative"], rows)]
    measures = (("time_ratio", "server time per request (less is better)"),
                ("rate_ratio", "requests per second of processor time (more is better)"))
    plot.ratios(f"{plots}/servers.svg", "Servers, one connection per request", [
        (f"{name}: {what}", [(label, row[key]) for label, row in data[name].items()
                             if label != BARE])
        for name in WHAT for key, what in measures])
    return "\n".join(text) + "\n![Servers](plots/servers.svg)\n"
