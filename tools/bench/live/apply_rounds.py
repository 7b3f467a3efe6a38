# SPDX-License-Identifier: MIT
"""Changes the options of many sockets in turns, by `sockopt apply` and by the bare system calls
that this takes, and prints what each took as JSON.

Each turn asks for other values than the one before, so that there is always something to change.
Started by subjects/apply.py, in a network and a process namespace of its own:
BUILD_DIRECTORY WORK FEW MANY ROUNDS.
"""

import json
import os
import subprocess
import sys

from held_sockets import start_few_and_many, stop_holders
from timing import Taken, run

build, work = sys.argv[1], sys.argv[2]
few, many, rounds = (int(word) for word in sys.argv[3:])

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


def apply(pids, keys, turn, *more):
    argv = [f"{build}/sockopt", "apply", "--no-file", *more]
    for key in keys:
        argv += ["-o", f"{key}={VALUES[key][turn % 2]}"]
    return argv + pids


def told_options(argv):
    """What was done to each group of sockets. In a process of its own: what a child needs of
    memory is told from what its parent had only where that had little."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        told = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         check=False).stdout)
        with os.fdopen(write, "w", encoding="ascii") as file:
            json.dump([group["options"] for group in told["groups"]], file)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="ascii") as file:
        options = json.load(file)
    os.waitpid(pid, 0)
    return options


def usable(pids, keys):
    """Those that the kernel takes on these sockets."""
    groups = told_options(apply(pids, keys, 0, "--json", "--established"))
    return [key for key in keys
            if any(key in options for options in groups) and
            all(options.get(key, {}).get("outcome", "changed") == "changed" for options in groups)]


def asked_numbers(pids, keys, turn):
    """In the kernel's units, as bare_calls takes them."""
    asked = {}
    for options in told_options(apply(pids, keys, turn, "--json", "--established", "--dry-run")):
        for key, option in options.items():
            value = option["asked"]
            asked[key] = f"={value}" if isinstance(value, str) else str(value)
    return asked


def bare(pids, keys, turn):
    words = [f"{names[key]}:{numbers[turn % 2][key]}" for key in keys]
    return [f"{work}/bare_calls", *pids, "--", *FACTS, *words]


def bare_reading(pids, keys):
    return [f"{work}/bare_calls", *pids, "--", *FACTS, *[names[key] for key in keys]]


rows = json.loads(subprocess.check_output([f"{build}/sockopt", "options", "--json"]))["options"]
names = {row["key"]: f"{row['ipv4']['level']}:{row['ipv4']['name']}" for row in rows
         if row["ipv4"]}
holders = start_few_and_many(few, many)
words_of = {sockets: [str(pid) for pid in pids] for sockets, pids in holders.items()}
every = usable(words_of[few], list(VALUES))
numbers = [{}, {}]
for value in (1, 0, 1):
    numbers[value] = asked_numbers(words_of[few], every, value)
    run(apply(words_of[many], every, value, "--established"))  # so that the other one departs

taken = Taken()
turn = 0
for _ in range(rounds):
    for sockets, pids in words_of.items():
        for label, keys in (("6 options", SIX), (f"all {len(every)} options", every)):
            # The bare calls leave the sockets with what the next turn departs from.
            taken.take(sockets, f"{label}: apply", apply(pids, keys, turn, "--established"))
            taken.take(sockets, f"{label}: bare calls", bare(pids, keys, turn + 1))
            taken.take(sockets, f"{label}, held already: apply",
                       apply(pids, keys, turn + 1, "--established"))
            taken.take(sockets, f"{label}, held already: bare calls", bare_reading(pids, keys))
        taken.take(sockets, "6 options, listeners only: apply", apply(pids, SIX, turn))
        run(apply(pids, SIX, turn + 1))  # and these as well
    turn += 2
print(json.dumps({"rounds": rounds, "processes": {size: len(pids) for size, pids in holders.items()},
                  "every": every, "seconds": taken.seconds, "kib": taken.kib}))
stop_holders(holders[many])
