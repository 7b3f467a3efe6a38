# SPDX-License-Identifier: MIT
"""Reads the options of many sockets in several ways, in turns, and prints how they compare.

A ratio is only ever taken within a round, in which
every way has its turn: what the machine does besides changes from second to second.  Started by
show.sh: BUILD_DIRECTORY WORK SOCKETS ROUNDS.
"""

import json
import statistics
import subprocess
import sys

from held_sockets import run, start_holders, stop_holders

# What show asks of a socket besides its options: protocol, TCP_INFO, cookies.
FACTS = ["1:38", "6:11", "1:57", "1:71"]
# What ss says of a socket in other words: the key of the option table.
SS_WORDS = {"skmem": ["rcvbuf", "sndbuf"], "fwmark": ["mark"], "bbr": ["congestion"],
            "cubic": ["congestion"], "reno": ["congestion"], "mss": ["maxseg"]}

build, work, sockets, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def kernel_names(rows):
    return [f"{row['ipv4']['level']}:{row['ipv4']['name']}" for row in rows
            if row["ipv4"] and row["key"] != "backlog"]


def compare_with_ss():
    """What only one of the two tells, from what they print for one connection."""
    told = subprocess.run(["ss", "-Htnoiem"], capture_output=True, text=True, check=True).stdout
    first = " ".join(told.splitlines()[:2]).replace(":(", " ").replace(":", " ").split()
    shown = json.loads(subprocess.check_output([f"{build}/sockopt", "show", "--json",
                                                str(holders[0])]))
    # Of the first connection; ss shows a mark only where there is one.
    ours = [key for key, option in shown["sockets"][1]["options"].items()
            if option["value"] is not None]
    same = {key for word in list(first) + ["fwmark"] for key in SS_WORDS.get(word, [])}
    print("  only show:", " ".join(key for key in ours if key not in same))
    numbers = set("0123456789.,/")
    words = [word for word in dict.fromkeys(first) if word[0].isalpha() and
             word not in SS_WORDS and not numbers.issuperset(word) and "." not in word]
    print("  only ss:  ", " ".join(words), "(and what is zero now)")
    print("  both:      state, addresses, owners (ss -p), queue and limit, drops,",
          " ".join(sorted(same)))


holders = start_holders(sockets)
pids = [str(pid) for pid in holders]
rows = json.loads(subprocess.check_output([f"{build}/sockopt", "options", "--json"]))["options"]
few = [row for row in rows
       if row["key"] in ("keepalive", "keepidle", "keepintvl", "keepcnt", "user_timeout", "nodelay")]
WAYS = {
    "show": [f"{build}/sockopt", "show", *pids],
    "bare calls of show": [f"{work}/bare_show", *pids, "--", *FACTS, *kernel_names(few)],
    "show --each": [f"{build}/sockopt", "show", "--each", *pids],
    "show --wide": [f"{build}/sockopt", "show", "--wide", *pids],
    "show --json": [f"{build}/sockopt", "show", "--json", *pids],
    "bare calls, all options": [f"{work}/bare_show", *pids, "--", *FACTS, *kernel_names(rows)],
    "ss -tanoiem": ["ss", "-tanoiem"],
    "ss -tanoiemp": ["ss", "-tanoiemp"],
}
AGAINST = {"show": "bare calls of show", "show --each": "bare calls of show",
           "show --wide": "bare calls, all options", "show --json": "bare calls, all options"}
times = {way: [] for way in WAYS}
memory = {}
for _ in range(rounds):
    for way, argv in WAYS.items():
        seconds, kib = run(argv)
        times[way].append(seconds)
        memory[way] = max(memory.get(way, 0), kib)

total = sockets + len(holders)
print(f"\n{total} sockets in {len(holders)} processes, {rounds} rounds, medians of CPU time")
print(f"{'':26}{'us/socket':>10}{'/ bare':>8}{'/ ss -tanoiem':>15}{'MiB':>7}")
for way, seconds in times.items():
    each = statistics.median(seconds) / total * 1e6
    bare = AGAINST.get(way)
    ratio = statistics.median(a / b for a, b in zip(seconds, times[bare])) if bare else None
    to_ss = statistics.median(a / b for a, b in zip(seconds, times["ss -tanoiem"]))
    print(f"{way:26}{each:10.1f}{f'{ratio:.2f}' if ratio else '':>8}{to_ss:15.2f}"
          f"{memory[way] / 1024:7.1f}")
if sockets <= 10000:
    compare_with_ss()
stop_holders(holders)
