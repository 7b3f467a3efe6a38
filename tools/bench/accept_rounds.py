# SPDX-License-Identifier: MIT
"""Drains queues of 1000 connections in several ways, in turns, and prints how they compare.

In each round the servers get their queues filled first and are then drained one right after the
other, in an order that changes: what the machine does besides changes from second to second, and a
ratio is only ever taken within a round.  Started by accept.sh: BUILD_DIRECTORY WORK ROUNDS.
"""

import contextlib
import json
import os
import re
import select
import socket
import statistics
import struct
import subprocess
import sys

CONNECTIONS = 1000
LIMIT = 30  # seconds that a server may take for anything
RESET = struct.pack("ii", 1, 0)  # so that no connection stays behind in TIME-WAIT
# Not for any socket of this machine: no such device, nothing sent to wait for, IPv6 only.
UNFIT = {"bindtodevice", "defer_accept", "v6only"}

build, work, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])


def write_configuration():
    """Every option that accepted sockets inherit, and those that act on the listener."""
    rows = json.loads(subprocess.check_output([f"{build}/sockopt", "options", "--json"]))["options"]
    wanted = [row for row in rows
              if row["inherited"] in ("yes", "listener") and row["key"] not in UNFIT]
    with open(f"{work}/sockopt.ini", "w", encoding="utf-8") as file:
        file.write("[sockopt]\nlog = off\n")  # what the kernel refuses here is not what is measured
        file.writelines(f"{row['key']} = {row['example']}\n" for row in wanted)
    return len(wanted)


def environment(way):
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    if way == "libsockopt":
        return plain | {"LD_PRELOAD": f"{build}/libsockopt.so",
                        "SOCKOPT_CONFIG": f"{work}/sockopt.ini"}
    return plain | ({"LD_PRELOAD": f"{work}/naive_shim.so"} if way == "naive" else {})


class Server:
    """A demo_server whose queue is full and that waits to be told to accept."""

    def __init__(self, way, connections=CONNECTIONS, trace=None):
        command = [f"{build}/demo_server", "--backlog", "4096", "--drain", str(connections)]
        variables = environment(way)
        if trace:  # --env: into the server, not into strace
            values = [f"--env={name}={value}" for name, value in variables.items()]
            command = ["strace", "-c", "-U", "calls,name", "-o", trace] + values + command
            variables = dict(os.environ)
        self.process = subprocess.Popen(command, env=variables, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.clients = []
        port = self.answer()["listeners"][0]["port"]
        for _ in range(connections):
            client = socket.socket()
            self.clients.append(client)
            client.settimeout(LIMIT)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.connect(("127.0.0.1", port))

    def answer(self):
        ready = select.poll()  # select takes no descriptor above 1023
        ready.register(self.process.stdout, select.POLLIN)
        if not ready.poll(LIMIT * 1000):
            raise TimeoutError("demo_server says nothing")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"demo_server ended with {self.process.wait()}")
        return json.loads(line)

    def drain(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        nanoseconds = self.answer()["nanoseconds"]
        self.process.wait(LIMIT)
        return nanoseconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait(LIMIT)


def time_round(order):
    with contextlib.ExitStack() as stack:
        servers = [(way, stack.enter_context(Server(way))) for way in order]
        return {way: server.drain() for way, server in servers}


def calls(way, connections):
    trace = f"{work}/trace"
    with Server(way, connections, trace) as server:
        server.drain()
    with open(trace, encoding="utf-8") as file:
        found = re.findall(r"^\s*(\d+)\s+(\w+)\s*$", file.read(), re.MULTILINE)
    return {name: int(count) for count, name in found if name != "total"}


def calls_per_connection(way):
    """What another 500 connections add: what is done once, at start and end, falls away."""
    half = CONNECTIONS // 2
    many, few = calls(way, CONNECTIONS), calls(way, half)
    each = {name: (many[name] - few.get(name, 0)) / half for name in many}
    return many, {name: value for name, value in each.items() if value >= 0.01}


def print_row(name, *cells):
    print(f"{name:<12}" + "".join(f"{cell:>14}" for cell in cells))


def main():
    ways = ("bare", "bare again", "libsockopt", "naive")
    options = write_configuration()
    time_round(ways)  # the caches
    times = {way: [] for way in ways}
    for number in range(rounds):
        turn = number % len(ways)
        order = ways[turn:] + ways[:turn]
        backwards = number // len(ways) % 2
        for way, nanoseconds in time_round(order[::-1] if backwards else order).items():
            times[way].append(nanoseconds)

    print(f"{rounds} rounds of {CONNECTIONS} queued connections; libsockopt: {options} options "
          "from a file; naive: six setsockopt after each accept\n")
    print_row("time", "us/accept", "ratio to bare", "min", "max")
    for way in ways:
        ratios = [mine / bare for mine, bare in zip(times[way], times["bare"])]
        print_row(way, f"{statistics.median(times[way]) / CONNECTIONS / 1000:.3f}",
                  *(f"{f(ratios):.3f}" for f in (statistics.median, min, max)))
    print("\n(medians; ratios of two drains of the same round; 'bare again' shows the noise)\n")

    counted = {way: calls_per_connection(way) for way in ways if way != "bare again"}
    print_row("strace -c", "accept4", "setsockopt", "all", "   per connection")
    for way, (whole, each) in counted.items():
        each = ", ".join(f"{name} {value:g}" for name, value in sorted(each.items()))
        print_row(way, whole["accept4"], whole.get("setsockopt", 0), sum(whole.values()),
                  "   " + each)
    print("\n(the whole run of the server, its start included)")


main()
