# SPDX-License-Identifier: MIT
"""Exact numbers of instructions, user space and kernel together, in an emulated machine."""

import statistics

from common import attached, page, plot
from common.guest import Guest
from common.ways import BARE, OWN, Way

TITLE = "Instructions, including the kernel's"
ROUNDS = 101
STARTS = 31


def plan(bench):
    """{subject: (family, ways)}; the first way is what the others are compared with."""
    ways, bare = bench.ways, Way(BARE)
    with_nothing, six, many = ways.nothing_set(), ways.six(), ways.with_rules()
    own_listener = Way("set by the program on its listener", own="-own-listener")
    own_each = Way("set by the program on each", own="-own-each")
    untouched = [bare, with_nothing, six, many, *ways.peers()]
    return {
        "client": ("ipv4", [bare, Way(OWN, own="-own"), six, many, with_nothing, ways.four(),
                            *ways.peers()]),
        "accept": ("ipv4", [bare, own_listener, six, many, with_nothing, *ways.peers(), own_each,
                            ways.naive()]),
        "whole": ("ipv4", [bare, six, many]),
        "udp": ("ipv4", untouched),
        "udp-connect": ("ipv4", untouched),
        "unix": ("ipv4", untouched),
        "unix-accept": ("ipv4", untouched),
        "pipe": ("ipv4", untouched),
        "file": ("ipv4", untouched),
    }


# Where the bpf engine is attached, or is attached elsewhere.
OUTSIDE = ("client", "accept", "whole", "udp", "unix")
DESCRIPTORS = (10, 10000, 100000, 1000000)


def starts(bench):
    ways = bench.ways
    return [Way(BARE), ways.empty(), ways.no_file(), ways.by_variables(), ways.six(),
            ways.shipped(), ways.with_rules(), *ways.peers()]


def attach(bench, guest):
    """The ways in which programs meet the engine; from here on it is attached."""
    guest.archive.add_program("/sockopt", bench.ways.command)
    ways = [Way(attached.ELSEWHERE)]
    for number, (label, policy) in enumerate(attached.POLICIES.items()):
        cgroup = f"/sys/fs/cgroup/subjects-{number}"
        ways.append(Way(label, {"SUBJECTS_CGROUP": cgroup}))
        file = bench.ways.sockopt(label, policy).variables["SOCKOPT_CONFIG"]
        guest.prepare(Way(label, {"SUBJECTS_CGROUP": cgroup, "SOCKOPT_CONFIG": file}),
                      "/sockopt", "attach", "--cgroup", cgroup)
    return ways


def measure(bench):
    guest = Guest(bench)
    subject_program = "/subjects"
    rounds = max(3, bench.rounds(ROUNDS))
    keys = {}
    for subject, (family, ways) in plan(bench).items():
        for way in ways:
            key = f"{len(keys)}"
            keys[key] = (subject, way.label)
            guest.add(key, way, subject_program, subject + way.own, family, "1", "tsc", str(rounds))
    for way in starts(bench):
        key = f"{len(keys)}"
        keys[key] = ("start", way.label)
        way = way._replace(variables=way.variables | {"SUBJECTS_START": "/true"})
        guest.add(key, way, subject_program, "start", "ipv4", "1", "tsc", str(STARTS))
    for number in DESCRIPTORS:
        for subject in ("accept", "client"):
            for way in (Way(BARE), bench.ways.six()):
                key = f"{len(keys)}"
                keys[key] = (f"{subject} {number}", way.label)
                way = way._replace(variables=way.variables | {"SUBJECTS_DESCRIPTORS": str(number)})
                guest.add(key, way, subject_program, subject, "ipv4", "1", "tsc", "31")
    guest.add("nothing", Way(BARE), subject_program, "nothing", "ipv4", "1", "tsc", "9")
    if attached.is_built(bench.build):
        for way in attach(bench, guest):
            for subject in OUTSIDE:
                key = f"{len(keys)}"
                keys[key] = (subject, way.label)
                guest.add(key, way, subject_program, subject, "ipv4", "1", "tsc", str(rounds))
    taken, kernel = guest.run()
    marks = statistics.median_low(taken.pop("nothing"))
    counted = {}
    for key, values in taken.items():
        subject, label = keys[key]
        # A round into which an interrupt falls takes more; the first does what is done but once.
        counted.setdefault(subject, {})[label] = statistics.median_low(values[1:]) - marks
    return {"kernel": kernel, "rounds": rounds, "counted": counted}


WHAT = {
    "client": "A client: `socket`, `connect`, `close`",
    "accept": "`accept4` of a queued connection",
    "whole": "Both ends: `socket`, `connect`, `accept4`, `close`, `close`",
    "udp": "`socket`, `close`: UDP", "udp-connect": "`socket`, `connect`, `close`: UDP",
    "unix": "`socket`, `close`: UNIX", "unix-accept": "`accept4`: UNIX",
    "pipe": "`pipe`, `close`, `close`", "file": "`open`, `close`: /dev/null",
    "start": "From `posix_spawn` of /bin/true to its end",
}


def report_descriptors(counted, plots):
    rows, ratios = [], {"accept": [], "client": []}
    for number in DESCRIPTORS:
        cells = []
        for subject, points in ratios.items():
            bare, ours = counted[f"{subject} {number}"].values()
            cells += [f"{bare:,}", f"{ours - bare:+,}"]
            points.append((number, ours / bare))
        rows.append([f"{number:,}", *cells])
    plot.lines(f"{plots}/growth_descriptors.svg",
               "Instructions, user space and kernel, with more descriptors", "open descriptors",
               "relative to bare", list(ratios.items()), 1.5)
    return page.table(["descriptors", "accept4, bare", "libsockopt", "client, bare", "libsockopt"],
                      rows)


def report(data, plots):
    text = [f"One nanosecond of the guest's clock is one instruction (`qemu-system-x86_64 -icount "
            f"shift=0`, Debian's Linux {data['kernel']}). The numbers are the same in every run, "
            f"except those of the start, which are medians of {STARTS}: page faults depend on the "
            "memory a process happens to get. `attached` is a "
            "cgroup with the bpf engine, and counts what its programs do in the kernel.\n"]
    series = []
    for subject, what in WHAT.items():
        counted = data["counted"].get(subject)
        if not counted:
            continue
        bare = counted[BARE]
        own = counted.get(OWN)
        header = ["", "instructions", "more than bare", "relative to bare"]
        header += ["relative to hand-written"] if own else []
        rows = []
        for label, count in counted.items():
            row = [label, f"{count:,}", f"{count - bare:+,}" if label != BARE else "",
                   f"{count / bare:.3f}"]
            rows.append(row + ([f"{count / own:.3f}"] if own else []))
        text += [f"**{what}**\n", page.table(header, rows)]
        if subject in ("client", "accept"):
            series.append((what.replace("`", ""),
                           [(label, count, [bare]) for label, count in counted.items()]))
    text += ["**With many descriptors open**\n", report_descriptors(data["counted"], plots)]
    plot.bars(f"{plots}/instructions.svg", "Instructions, user space and kernel", "",
              [(title, [(label, count) for label, count, _ in bars]) for title, bars in series])
    return "\n".join(text) + ("\n![Instructions](plots/instructions.svg)\n"
                              "\n![Descriptors](plots/growth_descriptors.svg)\n")
