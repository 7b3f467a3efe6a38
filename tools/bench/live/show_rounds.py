# SPDX-License-Identifier: MIT
"""Reads the options of many sockets in several ways, in turns, and prints what each took as JSON.

Started by subjects/show.py, in a network and a process namespace of its own:
BUILD_DIRECTORY WORK FEW MANY ROUNDS.
"""

import json
import os
import re
import subprocess
import sys

from held_sockets import start_few_and_many, stop_holders
from timing import Taken

# What show asks of a socket besides its options: protocol, TCP_INFO, cookies.
FACTS = ["1:38", "6:11", "1:57", "1:71"]
USUAL = ("keepalive", "keepidle", "keepintvl", "keepcnt", "user_timeout", "nodelay")
POLICY = "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n" \
         "user_timeout = 110s\nnodelay = on\n"
# What ss says of a socket in other words: the key of the option table.
SS_WORDS = {"skmem": ["rcvbuf", "sndbuf"], "fwmark": ["mark"], "bbr": ["congestion"],
            "cubic": ["congestion"], "reno": ["congestion"], "mss": ["maxseg"]}

build, work = sys.argv[1], sys.argv[2]
few, many, rounds = (int(word) for word in sys.argv[3:])


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def ways_of(pids):
    """What is done is the same in all of a group: to read six options, or every one."""
    def show(*words, policy=empty):
        return [f"{build}/sockopt", "show", "-c", policy, *words, *pids]

    def bare(keys):
        names = [f"{row['ipv4']['level']}:{row['ipv4']['name']}" for row in rows
                 if row["key"] in keys and row["ipv4"] and row["key"] != "backlog"]
        return [f"{work}/bare_calls", *pids, "--", *FACTS, *names]

    return {"show": show(), "show, held to six settings": show(policy=six),
            "show --each": show("--each"), "bare calls, six options": bare(USUAL),
            "show --wide": show("--wide"), "show --json": show("--json"),
            "show --json, held to six settings": show("--json", policy=six),
            "bare calls, all options": bare([row["key"] for row in rows])}


def columns():
    """What only one of the two tells, from what they print for one connection."""
    told = subprocess.run(["ss", "-Htnoiem"], capture_output=True, text=True, check=True).stdout
    first = re.sub(r"\bsk:\w+", "", " ".join(told.splitlines()[:2])).replace("skmem:(", "skmem ")
    words = [word.split(":")[0] for word in first.split()]
    shown = json.loads(subprocess.check_output([f"{build}/sockopt", "show", "--json",
                                                str(holders[few][0])]))
    ours = [key for key, option in shown["sockets"][1]["options"].items()
            if option["value"] is not None]
    # ss shows a mark only where there is one.
    both = {key for word in words + ["fwmark"] for key in SS_WORDS.get(word, [])}
    names = [word for word in dict.fromkeys(words)
             if word.replace("_", "").isalnum() and word[0].isalpha() and
             word not in SS_WORDS and word not in ("ESTAB", "ino")]
    return {"show": [key for key in ours if key not in both], "ss": names, "both": sorted(both)}


empty, six = write("empty.ini", ""), write("six.ini", POLICY)
rows = json.loads(subprocess.check_output([f"{build}/sockopt", "options", "--json"]))["options"]
holders = start_few_and_many(few, many)
taken = Taken()
ways = {sockets: ways_of([str(pid) for pid in pids]) for sockets, pids in holders.items()}
for _ in range(rounds):
    for sockets, argvs in ways.items():
        for way, argv in argvs.items():
            taken.take(sockets, way, argv)
    taken.take(few, "ss -tanoiem", ["ss", "-tanoiem"])
print(json.dumps({"rounds": rounds, "processes": {size: len(pids) for size, pids in holders.items()},
                  "seconds": taken.seconds, "kib": taken.kib, "columns": columns()}))
stop_holders(holders[many])
