# SPDX-License-Identifier: MIT
"""What the bpf engine costs the processes of its cgroup, beside the library, and all others."""

import contextlib
import ctypes
import os
import subprocess

from common import counts, page, plot
from common.attached import ATTACHED, ELSEWHERE, POLICIES, RULES, why_not, with_rules
from common.bench import Skip
from common.turns import Running, order_of, summary, take_turns
from common.ways import AGAIN, BARE, OWN, Way

TITLE = "The bpf engine"
ROUNDS = 150
CONNECTIONS = 1000
IN_CGROUP = "in a cgroup, nothing attached"
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
# (subject, what it is, whether a program can make the settings itself)
SUBJECTS = (("whole", "socket, connect, accept, close: both ends of a connection", False),
            ("accept", "accept of a queued connection", False),
            ("client", "socket, connect, close with six settings", True),
            ("udp", "a UDP socket, opened and closed", False),
            ("unix", "a UNIX socket, opened and closed", False))


def cgroup_tree():
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            mount, _, kind = line.partition(" - ")
            if kind.startswith("cgroup2 "):
                return mount.split()[4]
    raise Skip("no cgroup2 file system is mounted")


def mount_bpf():
    """In a mount namespace of our own: what is pinned there ends with this program."""
    libc = ctypes.CDLL(None, use_errno=True)
    if (os.geteuid() != 0 or libc.unshare(CLONE_NEWNS) != 0 or
            libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0 or
            libc.mount(b"bpf", b"/sys/fs/bpf", b"bpf", 0, None) != 0):
        raise Skip("needs root, to mount a bpf file system of its own")


class Cgroups:
    """One for each way; `attach` is the command's."""

    def __init__(self, bench):
        self.bench, self.paths = bench, []
        self.top = os.path.join(cgroup_tree(), f"sockopt-bench-{os.getpid()}")

    def __enter__(self):
        os.mkdir(self.top)
        return self

    def __exit__(self, *_):
        for path in self.paths:
            self.sockopt("detach", "--cgroup", path, check=False)
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(path)
        os.rmdir(self.top)

    def sockopt(self, *words, check=True):
        subprocess.run([f"{self.bench.build}/sockopt", *words], check=check,
                       stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)

    def make(self, name):
        self.paths.append(os.path.join(self.top, name))
        os.mkdir(self.paths[-1])
        return self.paths[-1]

    def way(self, label, policy=None):
        """Within a cgroup of its own; attached where there is a policy."""
        path = self.make(str(len(self.paths)))
        if policy is not None:
            self.attach(path, policy)
        enter = ("/bin/sh", "-c", f"echo $$ >{path}/cgroup.procs && exec \"$@\"", "sh")
        return Way(label, starter=enter)

    def attach(self, path, policy):
        file = os.path.join(self.bench.work, "engine.ini")
        with open(file, "w", encoding="utf-8") as out:
            out.write(policy)
        self.sockopt("attach", "-c", file, "--cgroup", path)


def elsewhere(bench, cgroups, subject):
    """The same processes, in turns with and without an attachment to another cgroup: the kernel
    takes other ways as soon as anything is attached anywhere."""
    path, taken = cgroups.make(f"elsewhere-{subject}"), {BARE: [], AGAIN: [], ELSEWHERE: []}
    with contextlib.ExitStack() as stack:
        running = {label: stack.enter_context(
            Running(bench, Way(label), subject, "ipv4", CONNECTIONS, "cpu")) for label in taken}
        for number in range(-1, max(1, bench.rounds(ROUNDS) // 2)):
            for label in order_of(list(taken), max(number, 0)):
                if label == ELSEWHERE:
                    cgroups.attach(path, POLICIES[ATTACHED])
                for letter in (b"p", b"r", b"t"):
                    answer = running[label].command(letter)
                    if letter == b"r" and number >= 0:
                        taken[label].append(answer / CONNECTIONS)
                if label == ELSEWHERE:
                    cgroups.sockopt("detach", "--cgroup", path)
    return summary(taken)


def measure(bench):
    mount_bpf()
    if why := why_not(bench.build):
        raise Skip(why)
    with Cgroups(bench) as cgroups:
        apart = {subject: elsewhere(bench, cgroups, subject) for subject in ("whole", "udp")}
        ways = [*bench.ways.bare(), cgroups.way(IN_CGROUP), bench.ways.six(),
                bench.ways.with_rules(RULES[-1]),
                *[cgroups.way(label, policy) for label, policy in POLICIES.items()]]
        found = {}
        for subject, _, has_own in SUBJECTS:
            mine = [Way(OWN, own="-own"), *ways] if has_own else ways
            taken = take_turns(bench, mine, subject, "ipv4", CONNECTIONS, bench.rounds(ROUNDS))
            once = [way for way in ways if way.label != AGAIN]
            found[subject] = {"time": summary(taken),
                              "to_own": summary(taken, OWN) if has_own else {},
                              "calls": counts.added_calls(bench, once, subject, "ipv4")
                              if counts.can_trace() else {}}
    return {"rounds": bench.rounds(ROUNDS), "subjects": found, "elsewhere": apart}


def row(its, label):
    cells = [label, page.time(its["time"][label]["median"]),
             page.spread(its["time"][label]["ratio"])]
    cells += [page.spread(its["to_own"][label]["ratio"])] if its["to_own"] else []
    calls = its["calls"].get(label)
    return cells + [page.calls(calls) if calls is not None else ""]


def report(data, plots):
    text = [f"{data['rounds']} rounds, processor time, the kernel's included. `attached` is a "
            "cgroup of its own with six settings for every socket, or only for listeners; the "
            "rules are for other addresses, half of them of listeners and half of peers. "
            "`bare again` is the noise.\n"]
    for subject, what, _ in SUBJECTS:
        its = data["subjects"][subject]
        header = ["", "time", "relative to bare (middle half)"]
        header += [f"relative to {OWN}"] if its["to_own"] else []
        header += ["extra system calls"]
        text += [f"**{what[0].upper()}{what[1:]}**\n",
                 page.table(header, [row(its, label) for label in its["time"]])]
    text += ["**A process that nothing is attached to**, while there is an attachment elsewhere, "
             "relative to none anywhere\n",
             page.table(["", "relative to bare (middle half)", "noise"],
                        [[subject, page.spread(its[ELSEWHERE]["ratio"]),
                          page.spread(its[AGAIN]["ratio"])]
                         for subject, its in data["elsewhere"].items()]),
             "Once a cgroup anywhere has a program that follows connections (`sock_ops`), the kernel "
             "looks for one in the cgroup of every TCP socket, at each step of its connection. "
             "Sockets of other kinds, and `accept`, pay nothing.\n"]
    if plots is None:
        return "\n".join(text)
    plot.ratios(f"{plots}/engine.svg", "Time in an attached cgroup",
                [(what, [(label, its["ratio"]) for label, its in
                         data["subjects"][subject]["time"].items() if label != BARE])
                 for subject, what, _ in SUBJECTS])
    plot.lines(f"{plots}/engine_rules.svg", "Time in an attached cgroup with more rules", "rules",
               "relative to bare",
               [(subject, [(count, data["subjects"][subject]["time"][with_rules(count)]["ratio"][1])
                           for count in RULES]) for subject in ("whole", "accept", "client")])
    return "\n".join(text) + ("\n![The bpf engine](plots/engine.svg)\n"
                              "\n![Rules](plots/engine_rules.svg)\n")
