# SPDX-License-Identifier: MIT
"""Many TCP sockets, both ends of connections within this network namespace, held by as many
processes as their descriptor limit asks for."""

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import subprocess
import sys

LIMIT = 120  # seconds that anything may take
SPARE = 100  # descriptors that a holder needs for itself
CLONE_NEWNET = 0x40000000


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
    os.close(ready)
    return holders


@contextlib.contextmanager
def another_network():
    """What is started within it is in a network namespace of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as own:
        if libc.unshare(CLONE_NEWNET) != 0:
            sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            if libc.setns(own.fileno(), CLONE_NEWNET) != 0:
                sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")


def start_few_and_many(few, many):
    """{number of sockets: pids that have them}. The many are the few and others, which are in
    another network namespace: ss(8) looks at the whole of one, and is to meet only the few."""
    holders = start_holders(few)
    with another_network():
        others = start_holders(many - few)
    return {few: holders, many: holders + others}


def stop_holders(holders):
    for pid in holders:
        os.kill(pid, signal.SIGKILL)
    for pid in holders:
        os.waitpid(pid, 0)
