#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other people's tests, run without the library and under it, compared test by test.

    foreign.py SUITE LIBRARY DIRECTORY

The options that are asked for are such that no test sees them: what it sees must be the same. Tests
on a network fail now and then by themselves; those that came out differently are run again, both ways,
one after the other, and only what never comes out the same is a difference. Which those were is
printed, and so is what was left out, and why. Status 77: this suite cannot be had here.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

import cpython
import perl

SUITES = {**cpython.SUITES, **perl.SUITES}

# Not the kernel's defaults, and nothing that a peer, a buffer or a time limit of a test shows.
CONFIGURATION = """\
[sockopt]
keepidle = 61s
keepintvl = 11s
keepcnt = 4
user_timeout = 10m
syncnt = 5
linger2 = 59s
notsent_lowat = 1M
backlog = 1024
"""

# How often at most.
TRIES = 6

REACHED = """\
import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    with socket.create_connection(listener.getsockname()) as client:
        accepted, _ = listener.accept()
        with accepted:
            print(*[s.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
                    for s in (listener, client, accepted)])
"""


def environments(library, directory):
    """Without the library, and with it."""
    configuration = directory / "sockopt.ini"
    configuration.write_text(CONFIGURATION)
    without = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    return without, {**without, "LD_PRELOAD": library, "SOCKOPT_CONFIG": str(configuration)}


def idle_times(environment):
    return subprocess.run(
        ["/usr/bin/python3", "-c", REACHED], env=environment, capture_output=True, text=True,
        check=True, timeout=60).stdout.strip()


def compare(first, second):
    """The tests that never came out the same in these runs, and how they did."""
    def seen(runs, test):
        return {outcomes.get(test, "not run") for outcomes in runs}
    tests = sorted(set().union(*first, *second))
    each = {test: (seen(first, test), seen(second, test)) for test in tests}
    return {test: how for test, how in each.items() if how[0].isdisjoint(how[1])}


def show(differences):
    for test, (without, under) in differences.items():
        print(f"  {test}: {' or '.join(sorted(without))} without, "
              f"{' or '.join(sorted(under))} under the library")


def main():
    name, library, place = sys.argv[1:]
    directory = pathlib.Path(place).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    without, under = environments(os.path.realpath(library), directory)
    suite = SUITES[name](directory)
    why = suite.unavailable()
    if why:
        print(f"Skipped: {why}")
        return 77
    for what, reason in suite.left_out.items():
        print(f"Left out: {what}: {reason}")

    assert idle_times(without) == "7200 7200 7200", idle_times(without)
    assert idle_times(under) == "61 61 61", idle_times(under)

    # Most of the time they wait.
    with concurrent.futures.ThreadPoolExecutor() as both:
        first, second = both.map(suite.run, (without, under))
    print(f"{len(first.outcomes)} tests without the library, {len(second.outcomes)} under it")
    for outcomes in (first, second):
        if not outcomes.outcomes:
            print("No test ran:", outcomes.output[-4000:], sep="\n")
            return 1
    failed = [test for test, outcome in first.outcomes.items() if outcome == "failed"]
    if failed:
        print("These fail without the library:", *failed, sep="\n  ")

    runs = [first.outcomes], [second.outcomes]
    differences = compare(*runs)
    said = [line for line in second.output.splitlines() if "sockopt[" in line]
    if said:
        print("The library had something to say:", *said, sep="\n  ")
    if differences:
        print("Came out differently:")
        show(differences)
        for _ in range(1, TRIES):
            first, second = suite.run(without, differences), suite.run(under, differences)
            for outcomes, more in zip(runs, (first, second)):
                outcomes.append(more.outcomes)
            again = compare(*runs)
            differences = {test: again[test] for test in differences if test in again}
            if not differences:
                break
        print("Each time:" if differences else "But not each time.")
        show(differences)
        if differences:
            print(second.output[-8000:])
    return 1 if differences or said else 0


if __name__ == "__main__":
    sys.exit(main())
