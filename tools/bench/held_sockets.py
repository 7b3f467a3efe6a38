# SPDX-License-Identifier: MIT
"""Many TCP sockets, both ends of connections within this network namespace, held by as many
processes as their descriptor limit asks for, and programs that are timed on them."""

import os
import resource
import select
import signal
import socket
import subprocess
import sys

LIMIT = 120  # seconds that anything may take
SPARE = 100  # descriptors that a holder needs for itself


def hold(number, connections, ready):
    """A process with a listener and both ends of these connections, until it is ended."""
    address = f"127.0.{number}.1"  # source ports enough for each
    listener = socket.create_server((address, 8000 + number), backlog=1024)
    kept = [listener]
    while len(kept) < 1 + 2 * connections:
        client = socket.socket()
        client.bind((f"127.0.{number}.2", 0))
        client.connect(listener.getsockname())
        kept += [client, listener.accept()[0]]
    os.write(ready, b".")
    signal.pause()


def start_holders(sockets):
    """The pids of processes that have this many sockets of connections, and a listener each."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # Ports for the clients' ends of tens of thousands.
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
        file.write("10000 65535")
    per_process = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE) // 2
    left = sockets // 2
    holders = []
    ready, told = os.pipe()
    while left > 0:
        share = min(left, per_process)
        pid = os.fork()
        if pid == 0:
            os.close(ready)
            hold(len(holders) + 1, share, told)
            os._exit(0)
        holders.append(pid)
        left -= share
    os.close(told)
    for _ in holders:
        if not select.select([ready], [], [], LIMIT)[0] or os.read(ready, 1) == b"":
            sys.exit("the sockets could not be made")
    return holders


def stop_holders(holders):
    for pid in holders:
        os.kill(pid, signal.SIGKILL)
    for pid in holders:
        os.waitpid(pid, 0)


def run(argv):
    """Seconds on a processor (others may be at work here too), and the most memory in KiB, or what
    this process had when it was forked from it, where that is more."""
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(argv, stdout=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{argv[0]} failed: {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss
