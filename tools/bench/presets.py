#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures what the presets hold, and what was left out of them, on programs that set nothing.

    sudo /usr/bin/python3 tools/bench/presets.py LIBRARY

LIBRARY is libsockopt.so as it was built.  Needs root, iproute2, /dev/net/tun and less than
three minutes.  Everything happens in network namespaces of its own, which are removed at the end.
Writes the tables of presets.md to standard output.
"""

import argparse
import concurrent.futures
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True  # it runs as root in somebody's working copy

from preset_bench import bursts, dead_peers, outages, small_messages, streams
from preset_bench.network import CLIENTS, Line, Namespaces, Routed
from preset_bench.run import Runner

LIMIT = 178


def measure(runner, namespaces):
    """What mostly waits runs side by side; what needs the processor runs alone, after it."""
    hosts = Routed(namespaces, "h")
    shallow = Routed(namespaces, "t", rate="20mbit", queue="100k")
    deep = Routed(namespaces, "u", rate="20mbit", queue="500k")
    other = Routed(namespaces, "w", rate="20mbit", queue="500k")
    line = Line(namespaces, "l", rate=50e6, delay=0.05, queue=600e3)
    again = Line(namespaces, "p", rate=50e6, delay=0.05, queue=600e3)
    noisy = Line(namespaces, "n", rate=50e6, delay=0.05, queue=600e3, loss=0.005, congestion=())
    short = Routed(namespaces, "b", rate="20mbit", queue="100k", congestion=())
    near = Line(namespaces, "d", rate=50e6, delay=0.001, queue=600e3, loss=0.02)
    addresses = iter(CLIENTS[1:])

    def take(count):
        return [next(addresses) for _ in range(count)]

    tables = {}
    pool = concurrent.futures.ThreadPoolExecutor(32)
    waiting = {
        "A peer that vanishes, `dead-peer` as it is": pool.submit(
            dead_peers.dead, runner, hosts, take(6),
            (("none", None), ("`preset = dead-peer`", "preset = dead-peer")), 132),
        "A long outage": pool.submit(outages.outages, runner, hosts, ((20,),), take(1), 2, 45),
    }
    first = {
        "Two writes, then a read": pool.submit(small_messages.two_writes, runner, hosts),
        "Single segments lost (2 %)": pool.submit(small_messages.lost_segments, runner, near,
                                                  hosts),
        "Age of data, 20 Mbit/s behind a queue of 40 ms": pool.submit(streams.age_of_data,
                                                                     runner, shallow),
        "Age of data, 20 Mbit/s behind a queue of 200 ms": pool.submit(streams.age_of_data,
                                                                      runner, deep),
        "Outages": pool.submit(
            outages.outages, runner, hosts,
            ((0.4, 0.6, 0.8, 1.0, 1.2, 1.4), (2, 2.4, 2.8, 3.2, 3.6, 4)), take(12), 2, 10),
        "A peer that vanishes, times scaled": pool.submit(
            dead_peers.dead, runner, hosts, take(18),
            (("none", None), ("`balanced` / 30", dead_peers.BALANCED),
             ("keepalive only", dead_peers.KEEPALIVE),
             ("`user_timeout` only", "user_timeout = 12s"),
             ("both: `dead-peer` / 10", dead_peers.SCALED),
             ("`rto_max_ms = 1000ms`", "rto_max_ms = 1000ms")),
            20),
        "Peers that live": pool.submit(dead_peers.alive, runner, hosts, take(15)),
        "A burst of 500": pool.submit(bursts.bursts, runner, shallow.server),
        "Large answers": pool.submit(small_messages.large_answers, runner, line, other),
    }
    for name, future in first.items():
        tables[name] = future.result()
    tables["An answer in a hundred writes"] = small_messages.many_writes(runner, hosts)
    tables["All in writes of 200 bytes"] = streams.small_writes(runner, hosts)
    second = {
        "A long path": pool.submit(streams.long_path, runner, line),
        "Buffers that programs pin, on the long path": pool.submit(streams.pinned, runner, again),
        "Congestion control": pool.submit(
            streams.congestion, runner,
            (("20 Mbit/s, short queue", short), ("100 ms, 0.5 % lost", noisy))),
    }
    for name, future in second.items():
        tables[name] = future.result()
    tables["Loopback"] = streams.loopback(runner, hosts)
    for name, future in waiting.items():
        tables[name] = future.result()
    return tables


def show(tables):
    for name, (header, rows) in tables.items():
        print(f"\n### {name}\n")
        print("| " + " | ".join(header) + " |")
        print("| " + " | ".join("---" for _ in header) + " |")
        for row in rows:
            print("| " + " | ".join(str(cell) for cell in row) + " |")


def stop(signal_number, _):
    raise SystemExit(128 + signal_number)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    library = os.path.realpath(parser.parse_args().library)
    if os.geteuid() != 0:
        sys.exit("presets.py: needs root, for network namespaces")
    if not os.path.isfile(library):
        sys.exit(f"presets.py: {library}: no such file")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, stop)
    signal.alarm(LIMIT)
    start = time.monotonic()
    directory = tempfile.mkdtemp()
    namespaces = Namespaces()
    runner = Runner(library, directory)
    try:
        tables = measure(runner, namespaces)
        print(f"{time.strftime('%Y-%m-%d')}, Linux {platform.release()}, {os.cpu_count()} "
              f"processors, load {os.getloadavg()[0]:.1f}, {time.monotonic() - start:.0f} s.")
        show(tables)
        for line in runner.complaints():
            print("complaint:", line)
        status = 0
    except SystemExit as ending:
        status = ending.code
        print("presets.py: interrupted, or not done in time", file=sys.stderr)
    except Exception:
        status = 1
        traceback.print_exc()
    finally:
        runner.stop()
        namespaces.remove()
        shutil.rmtree(directory)
    sys.stdout.flush()
    os._exit(status)  # without waiting for threads that still wait for something


if __name__ == "__main__":
    main()
