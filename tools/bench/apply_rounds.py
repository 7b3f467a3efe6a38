# SPDX-License-Identifier: MIT
"""Changes the options of many sockets in turns, by `sockopt apply` and by the bare system calls
that this takes, and prints how they compare.

Each turn asks for other values than the one before, so that there is always something to change. A
ratio is only ever taken within a round: what the machine does besides changes from second to
second.  Started by apply.sh: BUILD_DIRECTORY WORK SOCKETS ROUNDS.
"""

import json
import os
import statistics
import subprocess
import sys

from held_sockets import run, start_holders, stop_holders

build, work, sockets, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

# Two values for each option that can be changed on a connection.
VALUES = {
    "keepalive": ("on", "off"), "keepidle": ("610s", "620s"), "keepintvl": ("11s", "12s"),
    "keepcnt": ("4", "5"), "user_timeout": ("3000s", "3001s"), "nodelay": ("on", "off"),
    "linger2": ("30s", "31s"), "syncnt": ("3", "4"), "notsent_lowat": ("64K", "128K"),
    "busy_poll": ("0us", "1us"), "thin_linear_timeouts": ("on", "off"),
    "rto_min_us": ("100ms", "120ms"), "rto_max_ms": ("30s", "40s"),
    "delack_max_us": ("40ms", "60ms"), "rcvbuf": ("100000", "101000"),
    "sndbuf": ("100000", "101000"), "congestion": ("reno", "cubic"),
    "window_clamp": ("40K", "41K"), "max_pacing_rate": ("100M", "101M"), "tos": ("cs1", "cs2"),
    "ttl": ("33", "34"), "priority": ("4", "5"), "mark": ("1", "2"),
    "mtu_discover": ("want", "do"),
}
SIX = list(VALUES)[:6]
# What apply asks of a socket besides its options: protocol, TCP_INFO, cookies.
FACTS = ["1:38", "6:11", "1:57", "1:71"]


def apply(keys, turn, *more):
    argv = [f"{build}/sockopt", "apply", "--no-file", "--established", *more]
    for key in keys:
        argv += ["-o", f"{key}={VALUES[key][turn % 2]}"]
    return argv + pids


def told_options(argv):
    """What was done to each group of sockets. In a process of its own: what a child needs of
    memory is told from what its parent had only where that had little."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        told = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=False).stdout)
        with os.fdopen(write, "w", encoding="ascii") as file:
            json.dump([group["options"] for group in told["groups"]], file)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="ascii") as file:
        options = json.load(file)
    os.waitpid(pid, 0)
    return options


def usable(keys):
    """Those that the kernel takes on these sockets."""
    groups = told_options(apply(keys, 0, "--json"))
    return [key for key in keys
            if any(key in options for options in groups) and
            all(options.get(key, {}).get("outcome", "changed") == "changed" for options in groups)]


def asked_numbers(keys, turn):
    """In the kernel's units, as bare_apply takes them."""
    asked = {}
    for options in told_options(apply(keys, turn, "--json", "--dry-run")):
        for key, option in options.items():
            value = option["asked"]
            asked[key] = f"={value}" if isinstance(value, str) else str(value)
    return asked


def bare(keys, turn):
    words = [f"{names[key]}:{numbers[turn % 2][key]}" for key in keys]
    return [f"{work}/bare_apply", *pids, "--", *FACTS, *words]


def bare_reading(keys):
    return [f"{work}/bare_apply", *pids, "--", *FACTS, *[names[key] for key in keys]]


holders = start_holders(sockets)
pids = [str(pid) for pid in holders]
rows = json.loads(subprocess.check_output([f"{build}/sockopt", "options", "--json"]))["options"]
names = {row["key"]: f"{row['ipv4']['level']}:{row['ipv4']['name']}" for row in rows
         if row["ipv4"]}
every = usable(list(VALUES))
numbers = [{}, {}]
for turn in (1, 0, 1):
    numbers[turn] = asked_numbers(every, turn)
    run(apply(every, turn))  # so that the other one departs

times = {}
memory = {}


def take(way, argv):
    seconds, kib = run(argv)
    times.setdefault(way, []).append(seconds)
    memory[way] = max(memory.get(way, 0), kib)


turn = 0
for _ in range(rounds):
    for label, keys in (("6 options", SIX), (f"all {len(every)} options", every)):
        take(f"{label}: apply", apply(keys, turn))
        take(f"{label}: bare calls", bare(keys, turn + 1))
        take(f"{label}, held already: apply", apply(keys, turn + 1))
        take(f"{label}, held already: bare calls", bare_reading(keys))
        turn += 2
    take("listeners only, 6 options: apply",
         [word for word in apply(SIX, turn) if word != "--established"])

total = sockets + len(holders)
print(f"\n{total} sockets in {len(holders)} processes, {rounds} rounds, medians of CPU time")
print(f"{'':42}{'us/socket':>10}{'/ bare':>8}{'MiB':>7}")
for way, seconds in times.items():
    against = times.get(way.replace(": apply", ": bare calls"))
    ratio = ""
    if way.endswith(": apply") and against:
        ratio = f"{statistics.median(a / b for a, b in zip(seconds, against)):.2f}"
    each = statistics.median(seconds) / total * 1e6
    print(f"{way:42}{each:10.1f}{ratio:>8}{memory[way] / 1024:7.1f}")
stop_holders(holders)
