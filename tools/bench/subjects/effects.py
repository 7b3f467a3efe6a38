# SPDX-License-Identifier: MIT
"""What the options buy: programs that set none, without the library and with it.

The programs and networks are those of preset_bench, which presets.md is made with.
"""

import concurrent.futures
import os
import re

from common import page, plot
from common.bench import HERE, Skip
from preset_bench import bursts, dead_peers, small_messages
from preset_bench.network import CLIENTS, SERVER, Line, Namespaces, Routed, command
from preset_bench.run import Runner, median, percentile

TITLE = "What the options buy"
BURST = 2000
REQUESTS = 100
STRAYS = 20
VISITS = 12
DELAY = 0.025  # seconds, one way
WAIT = 18  # seconds for a dead peer to be noticed


def burst(runner, namespace):
    """A server that says listen(128) and takes a connection each millisecond."""
    rows = {}
    for what, settings in (("none", None), ("backlog = 4096", "backlog = 4096")):
        victim, port = runner.serve(namespace, settings, "slow", "127.0.0.1", 128, 0.001)
        before = bursts.overflows(victim)
        client = runner.start(namespace, None, "burst", "127.0.0.1", port, BURST, 12, "client")
        got = client.next(40)
        rows[what] = {"retried": got["retried"], "dropped": bursts.overflows(victim) - before,
                      "median": median(got["connected"]), "last": max(got["connected"]),
                      "never": BURST - len(got["served"])}
        client.stop()
        victim.stop()
    return rows


def dead(runner, path):
    variants = (("none", None), ("keepalive", dead_peers.KEEPALIVE),
                ("user_timeout = 12s", "user_timeout = 12s"), ("both", dead_peers.SCALED))
    _, rows = dead_peers.dead(runner, path, CLIENTS[:12], variants, WAIT)
    return {what: cells for what, *cells in rows}


def two_writes(runner, path):
    took = small_messages.ask_all(
        runner, path.server, path.client, (SERVER, CLIENTS[20]),
        (("none", None, None), ("nodelay = on", "nodelay = on", None)), 2, 1, 60)
    return {what: [median(its), percentile(its, 0.99)] for what, (its, _) in took.items()}


def deferred(runner, namespace):
    rows = {}
    for what, settings in (("none", None), ("defer_accept = 5s", "defer_accept = 5s")):
        victim, port = runner.serve(namespace, settings, "waking", "127.0.0.1", REQUESTS, STRAYS)
        client = runner.start(namespace, None, "thinking", "127.0.0.1", port, REQUESTS, STRAYS,
                              0.01)
        rows[what] = victim.next(40)
        client.next(40)
    return rows


def fastopen(runner, line):
    rows = {}
    for what, server, client in (("none", None, None),
                                 ("fastopen", "fastopen = 64",
                                  "fastopen_connect = on")):
        _, port = runner.serve(line.server, server, "greet", SERVER)
        took = runner.start(line.client, client, "visit", SERVER, port, VISITS).next(40)["took"]
        rows[what] = median(took[1:])  # the first one asks for the cookie
    return rows


def measure(bench):
    if os.geteuid() != 0 or not os.access("/run", os.W_OK):
        raise Skip("needs root, for network namespaces")
    if not os.path.exists("/dev/net/tun"):
        raise Skip("needs /dev/net/tun")
    namespaces = Namespaces()
    runner = Runner(bench.ways.library, bench.work)
    directory = os.path.join(bench.work, "more")
    os.mkdir(directory)
    more = Runner(bench.ways.library, directory, f"{HERE}/programs/effect_victims.py")
    try:
        hosts = Routed(namespaces, "h")
        here = namespaces.make("b")
        line = Line(namespaces, "l", rate=1e9, delay=DELAY, queue=1e6)
        for end in (line.client, line.server):
            set_fastopen(end)
        # They mostly wait, and so do not disturb each other; the burst comes alone, at the end.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = {"dead": pool.submit(dead, runner, hosts),
                       "two_writes": pool.submit(two_writes, runner, hosts),
                       "deferred": pool.submit(deferred, more, here),
                       "fastopen": pool.submit(fastopen, more, line)}
            data = {name: future.result() for name, future in waiting.items()}
        data["burst"] = burst(runner, here)
        complaints = runner.complaints() + more.complaints()
        if complaints:
            raise RuntimeError("\n".join(complaints))
        return data
    finally:
        runner.stop()
        more.stop()
        namespaces.remove()


def set_fastopen(namespace):
    command("sysctl", "-qw", "net.ipv4.tcp_fastopen=3", namespace=namespace)


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def dead_bars(data):
    """What was not noticed has a bar as long as was waited."""
    return [(f"seconds until a vanished peer is noticed, {mode}",
             [(f"libsockopt: {what}" if what != "none" else what,
               float(re.search(r"[\d.]+", cells[column])[0]),
               cells[column] if cells[column].startswith("not") else cells[column].split(" (")[0])
              for what, cells in data["dead"].items()])
            for column, mode in enumerate(("idle", "sending now and then", "sending at full rate"))]


def report(data, plots):
    text = ["Programs that never call `setsockopt`, in network namespaces; libsockopt sets the "
            "options.\n",
            f"**A burst of {BURST} connections** to a server that calls `listen(128)` and accepts "
            "one per millisecond\n",
            page.table(["", "had to retry", "dropped by the kernel", "connected, median",
                        "connected, last", "never served"],
                       [[what, row["retried"], row["dropped"], milliseconds(row["median"]),
                         milliseconds(row["last"]), row["never"]]
                        for what, row in data["burst"].items()]),
            "**A peer that vanishes**: how long until the server notices (keepidle 6 s, keepintvl "
            "1 s, keepcnt 5, user_timeout 12 s: a tenth of `preset = dead-peer`)\n",
            page.table(["", "idle", "sending now and then", "sending at full rate"],
                       [[what, *cells] for what, cells in data["dead"].items()]),
            "**An answer in two writes**, header and body: Nagle's algorithm waits for the delayed "
            "acknowledgement\n",
            page.table(["", "request to answer, median", "99 %"],
                       [[what, *map(milliseconds, cells)]
                        for what, cells in data["two_writes"].items()]),
            f"**{REQUESTS} requests, each 10 ms after its connection**, and {STRAYS} connections "
            "that send nothing: how often the server wakes up\n",
            page.table(["", "wake-ups", "context switches", "connections it had to hold"],
                       [[what, row["wakes"], row["switches"], row["accepted"]]
                        for what, row in data["deferred"].items()]),
            f"**A new connection with a round trip of {2 * DELAY * 1000:.0f} ms**, from `connect` "
            "to the answer\n",
            page.table(["", "median"], [[what, milliseconds(its)]
                                        for what, its in data["fastopen"].items()])]
    plot.bars(f"{plots}/effects.svg", "What the options buy", "", [
        *dead_bars(data),
        (f"connections that had to retry, of {BURST}",
         [(f"libsockopt: {what}" if what != "none" else what, row["retried"])
          for what, row in data["burst"].items()]),
        ("milliseconds for an answer in two writes",
         [(f"libsockopt: {what}" if what != "none" else what, cells[0] * 1000)
          for what, cells in data["two_writes"].items()]),
        (f"wake-ups for {REQUESTS} requests",
         [(f"libsockopt: {what}" if what != "none" else what, row["wakes"])
          for what, row in data["deferred"].items()]),
        ("milliseconds for a request on a new connection",
         [(f"libsockopt: {what}" if what != "none" else what, its * 1000)
          for what, its in data["fastopen"].items()])])
    return "\n".join(text) + "\n![What the options buy](plots/effects.svg)\n"
