# SPDX-License-Identifier: MIT
"""The ways in which a program comes to its socket options: what is compared.

A way is a label, the variables that a program gets, where the program itself does the work the
name of another subject of programs/subjects, and what starts the program if it is something else.
"""

import json
import os
import subprocess
import typing

SIX = ("keepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n"
       "user_timeout = 120s\nnodelay = on\n")
FOUR = "keepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n"  # what the peers can
# Not for any socket of this machine: no such device, nothing sent to wait for, IPv6 only.
UNFIT = {"bindtodevice", "defer_accept", "v6only"}

BARE, AGAIN = "bare", "bare again"
OWN = "set by the program itself"
PEERS = {
    "libkeepalive": ("libkeepalive.so", {"KEEPIDLE": "60", "KEEPINTVL": "10", "KEEPCNT": "5"}),
    "libdontdie": ("libdontdie.so", {"DD_TCP_KEEPALIVE_TIME": "60", "DD_TCP_KEEPALIVE_INTVL": "10",
                                     "DD_TCP_KEEPALIVE_PROBES": "5"}),
}
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../sockopt.ini")
SHIPPED = os.path.normpath(SHIPPED)
PEER_DIRECTORIES = ("/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")


class Way(typing.NamedTuple):
    label: str
    variables: dict = {}
    own: str = ""  # appended to the subject's name
    starter: tuple = ()


def rules(count):
    """Six options for every socket, and rules about others' addresses, each of which is in the way
    of what could otherwise be decided without the address."""
    lines = ["[sockopt]\nlog = off\n", SIX]
    for number in range(count):
        side = "listen" if number % 2 else "connect"
        address = f"10.{number // 250 % 250}.{number % 250}.0/24:{1024 + number % 50000}"
        lines.append(f"[rule {number}]\n{side} = {address}\nkeepidle = {60 + number % 600}s\n")
    return "".join(lines)


def find_peer(library):
    for directory in PEER_DIRECTORIES:
        path = os.path.join(directory, library)
        if os.path.exists(path):
            return path
    return None


class Ways:
    """Makes the ways, with their configuration files in `directory`."""

    def __init__(self, build, directory):
        self.library, self.directory = f"{build}/libsockopt.so", directory
        self.command = f"{build}/sockopt"

    def plain(self):
        return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    def preloaded(self, label, library, **variables):
        return Way(label, {"LD_PRELOAD": library, **variables})

    def sockopt(self, label, text):
        """libsockopt with a file of this text."""
        path = os.path.join(self.directory, f"{label.replace(' ', '_').replace(',', '')}.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return self.preloaded(label, self.library, SOCKOPT_CONFIG=path)

    def bare(self):
        return [Way(BARE), Way(AGAIN)]

    def nothing_set(self):
        return self.sockopt("libsockopt, nothing set", "[sockopt]\nlog = warn\n")

    def no_file(self):
        return self.preloaded("libsockopt, no file", self.library)

    def shipped(self):
        return self.preloaded("libsockopt, the shipped file", self.library,
                              SOCKOPT_CONFIG=SHIPPED)

    def six(self):
        return self.sockopt("libsockopt", "[sockopt]\nlog = off\n" + SIX)

    def four(self):
        return self.sockopt("libsockopt, keepalive only", "[sockopt]\nlog = off\n" + FOUR)

    def by_variables(self):
        """As the peers are told: keepalive, and no file."""
        variables = {"SOCKOPT_" + key.upper(): value for key, value in
                     (line.split(" = ") for line in FOUR.splitlines())}
        return self.preloaded("libsockopt, keepalive by variables", self.library, **variables)

    def with_priority(self):
        """One that the kernel does not hand on to accepted sockets."""
        return self.sockopt("libsockopt, with priority",
                            "[sockopt]\nlog = off\n" + SIX + "priority = 4\n")

    def not_remembered(self):
        """Descriptors beyond what the library remembers, which are 4,096 where the address space
        has a limit of 64 MiB: so few can be had anywhere."""
        way = self.sockopt("libsockopt, descriptors beyond its table",
                           "[sockopt]\nlog = off\n" + SIX)
        return way._replace(variables=way.variables | {"SUBJECTS_DESCRIPTORS": "6000"},
                            starter=("/usr/bin/prlimit", f"--as={64 << 20}"))

    def with_rules(self, count=200):
        return self.sockopt(f"libsockopt, {count} rules", rules(count))

    def every_option(self):
        """Every option that accepted sockets inherit, and those that act on the listener."""
        output = subprocess.check_output([self.command, "options", "--json"])
        wanted = [row for row in json.loads(output)["options"]
                  if row["inherited"] in ("yes", "listener") and row["key"] not in UNFIT]
        lines = [f"{row['key']} = {row['example']}\n" for row in wanted]
        # What the kernel refuses here is not what is measured.
        return self.sockopt(f"libsockopt, {len(wanted)} options",
                            "[sockopt]\nlog = off\n" + "".join(lines))

    def empty(self):
        return self.preloaded("an empty library", f"{self.directory}/empty_preload.so")

    def naive(self):
        return self.preloaded("naive shim", f"{self.directory}/naive_shim.so")

    def peers(self):
        """Those that are installed."""
        found = [(label, find_peer(library), variables)
                 for label, (library, variables) in PEERS.items()]
        return [self.preloaded(label, path, **variables)
                for label, path, variables in found if path]
