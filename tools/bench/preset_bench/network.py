# SPDX-License-Identifier: MIT
"""Two hosts and a path between them, in network namespaces that vanish at the end.

Routed: host - router - host over veth pairs.  The router limits the rate (tc tbf) with its own
queue, so that packets wait where they do in reality: past the sender's own stack.  It cuts a path
by a blackhole route: no error comes back, as from a peer without power.

Line: host - host over two tun devices, packets carried by a process that delays, limits and loses
them: what tc netem does, for kernels without it.
"""

import collections
import fcntl
import multiprocessing
import os
import random
import select
import struct
import subprocess
import time

# Addresses for benchmarks (RFC 2544); they exist inside the namespaces only.
SERVER = "198.18.2.1"
CLIENTS = [f"198.18.1.{n}" for n in range(1, 91)]
# What most hosts have, whatever this one has.  By the route, which also beats the socket option:
# the sysctl of a namespace takes only what the host allows to everybody.
CUBIC = ("congctl", "cubic")


def command(*words, namespace=None):
    if namespace:
        words = ("ip", "netns", "exec", namespace) + words
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Namespaces:
    """Makes namespaces under names of this process and removes each one of them."""

    def __init__(self):
        self.names, self.workers = [], []

    def make(self, name, **sysctls):
        name = f"sockopt-{os.getpid()}-{name}"
        self.names.append(name)
        command("ip", "netns", "add", name)
        command("ip", "-n", name, "link", "set", "lo", "up")
        command("ip", "-n", name, "route", "replace", "table", "local", "local", "127.0.0.1",
                "dev", "lo", *CUBIC)
        # What one connection learned must not help the next one.
        sysctls = {"tcp_no_metrics_save": 1, **sysctls}
        command("sysctl", "-qw", *(f"net.ipv4.{k}={v}" for k, v in sysctls.items()), namespace=name)
        return name

    def remove(self):
        for worker in self.workers:
            worker.kill()
            worker.join()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


class Routed:
    def __init__(self, namespaces, name, rate=None, queue=None, congestion=CUBIC):
        self.client = namespaces.make(name + "c")
        self.server = namespaces.make(name + "s")
        self.router = namespaces.make(name + "r", ip_forward=1)
        for side, host, net in (("c", self.client, "198.18.1"), ("s", self.server, "198.18.2")):
            command("ip", "-n", host, "link", "add", "eth0", "type", "veth",
                    "peer", "name", side, "netns", self.router)
            command("ip", "-n", self.router, "addr", "add", f"{net}.254/24", "dev", side)
            command("ip", "-n", self.router, "link", "set", side, "up")
            command("ip", "-n", host, "link", "set", "eth0", "up")
        command("ip", "-n", self.server, "addr", "add", SERVER + "/24", "dev", "eth0")
        for address in CLIENTS:
            command("ip", "-n", self.client, "addr", "add", address + "/24", "dev", "eth0")
        for host, net in ((self.client, "198.18.1"), (self.server, "198.18.2")):
            command("ip", "-n", host, "route", "add", "default", "via", f"{net}.254", *congestion)
        if rate:
            command("tc", "-n", self.router, "qdisc", "add", "dev", "c", "root", "tbf",
                    "rate", rate, "burst", "16k", "limit", queue)

    def cut(self, client):
        """Loses what goes to this client, from now on."""
        command("ip", "-n", self.router, "route", "add", "blackhole", client + "/32")
        return time.monotonic()

    def mend(self, client):
        command("ip", "-n", self.router, "route", "del", "blackhole", client + "/32")
        return time.monotonic()


class Line:
    """rate in bit/s and queue in bytes, both ways; delay in seconds, one way; loss 0..1."""

    def __init__(self, namespaces, name, rate, delay, queue, loss=0.0, congestion=CUBIC):
        self.client = namespaces.make(name + "c")
        self.server = namespaces.make(name + "s")
        ends = []
        for host, address in ((self.client, CLIENTS[0]), (self.server, SERVER)):
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            device = f"so{os.getpid() % 100000}{name}{len(ends)}"[:15]
            # TUNSETIFF with IFF_TUN | IFF_NO_PI
            fcntl.ioctl(end, 0x400454CA, struct.pack("16sH22x", device.encode(), 0x1001))
            command("ip", "link", "set", device, "netns", host)
            command("ip", "-n", host, "link", "set", device, "txqueuelen", "5000", "up")
            command("ip", "-n", host, "addr", "add", address + "/32", "dev", device)
            command("ip", "-n", host, "route", "add", "default", "dev", device, "src", address,
                    *congestion)
            ends.append(end)
        worker = multiprocessing.Process(target=carry, args=(ends, rate, delay, queue, loss),
                                         daemon=True)
        worker.start()
        namespaces.workers.append(worker)
        for end in ends:
            os.close(end)


def carry(ends, rate, delay, queue, loss):
    """Carries packets from one end of a line to the other."""
    try:
        os.nice(-10)  # it does little, but on time
    except OSError:
        pass
    chance = random.Random(1)
    poll = select.poll()
    ways = {}
    for end, other in (ends, reversed(ends)):
        poll.register(end, select.POLLIN)
        ways[end] = {"to": other, "under_way": collections.deque(), "free": 0.0}
    while True:
        due = min((w["under_way"][0][0] for w in ways.values() if w["under_way"]), default=None)
        moment = time.monotonic()
        poll.poll(None if due is None else max(0, (due - moment) * 1000))
        moment = time.monotonic()
        for end, way in ways.items():
            under_way = way["under_way"]
            for _ in range(64):
                try:
                    packet = os.read(end, 2048)
                except BlockingIOError:
                    break
                except OSError:
                    return
                sent = max(moment, way["free"]) + len(packet) * 8 / rate
                if (sent - moment) * rate / 8 > queue or (loss and chance.random() < loss):
                    continue
                way["free"] = sent
                under_way.append((sent + delay, packet))
            while under_way and under_way[0][0] <= moment:
                try:
                    os.write(way["to"], under_way.popleft()[1])
                except BlockingIOError:
                    pass
                except OSError:
                    return
