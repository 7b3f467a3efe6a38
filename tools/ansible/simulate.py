#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How far a fault gets in a fleet, by the stages of rollout.yml: hosts changed until it is noticed, and
minutes until all of them are as they were. The order of the hosts is chance; these are medians and the
worst of many orders.

    simulate.py [HOSTS [FORKS [SECONDS PER HOST [PAUSE IN MINUTES]]]]
"""
import math
import random
import statistics
import sys

STAGES = (1, "5%", "25%", "100%")
ORDERS = 500

# What can go wrong: on how many of the hosts, when that shows (None: before anything is changed; 0: as the
# host is changed; else minutes under load), and what shows it.
FAULTS = (
    ("an error in the file", 1.0, None, "sockopt check, before it is written"),
    ("hosts that cannot be reached, 1 in 100", 0.01, 0, "the play stops after the batch"),
    ("a service that the library does not reach, 1 in 50", 0.02, 0, "sockopt enable fails"),
    ("an option that hurts all under load", 1.0, 10, "the alerts, in the pause"),
    ("an option that hurts 1 in 100 under load", 0.01, 10, "the alerts, in the pause"),
    ("an option that hurts 1 in 100 after an hour", 0.01, 60, "the alerts, after the pause"),
)


def stages(hosts):
    """The sizes of the batches, as Ansible's serial makes them."""
    left = hosts
    for stage in STAGES:
        size = stage if isinstance(stage, int) else max(1, hosts * int(stage[:-1]) // 100)
        size = min(left, size)
        left -= size
        yield size


def minutes(hosts, forks, seconds):
    return math.ceil(hosts / forks) * seconds / 60


def run(share, delay, hosts, forks, seconds, pause):
    """The hosts that were changed when the fault was noticed, and the minutes from the first change until
    all are as they were. Nothing is noticed where the whole fleet is done and watched no longer."""
    bad = [i < round(share * hosts) for i in range(hosts)]
    random.shuffle(bad)
    clock, done, shows_at = 0.0, 0, math.inf
    for size in stages(hosts):
        batch = bad[done:done + size]
        if delay is None:
            return 0, 0.0
        begins, clock = clock, clock + minutes(size, forks, seconds)
        # What shows under load in this batch: from when its first bad host was changed.
        if delay and any(batch):
            first = begins + minutes(batch.index(True) + 1, forks, seconds)
            shows_at = min(shows_at, first + delay)
        done += size
        if delay == 0 and any(batch):
            shows_at = clock
        if shows_at <= clock + pause:
            clock = max(clock, shows_at)
            break
        clock += pause
    else:
        clock = max(clock, shows_at)
    return done, clock + minutes(done, forks, seconds)


def main():
    given = sys.argv[1:]
    hosts, forks, pause = int(given[0]) if given else 1000, 50, 15
    forks = int(given[1]) if len(given) > 1 else forks
    seconds = float(given[2]) if len(given) > 2 else 30
    pause = float(given[3]) if len(given) > 3 else pause
    sizes = list(stages(hosts))
    whole = sum(minutes(size, forks, seconds) for size in sizes) + pause * (len(sizes) - 1)
    print(f"{hosts} hosts in stages of {', '.join(map(str, sizes))}; {forks} at a time, {seconds:g} s each; "
          f"{pause:g} min of pause.")
    print(f"Without a fault: {whole:.0f} min. Back: {minutes(hosts, forks, seconds):.0f} min.\n")
    print("| What goes wrong | What shows it | Hosts changed by then | Minutes until all is as it was |")
    print("| --- | --- | ---: | ---: |")
    random.seed(1)
    for what, share, delay, shown_by in FAULTS:
        runs = [run(share, delay, hosts, forks, seconds, pause) for _ in range(ORDERS)]
        changed, took = zip(*runs)
        print(f"| {what} | {shown_by} | {statistics.median(changed):.0f} (at most {max(changed)}) "
              f"| {statistics.median(took):.0f} (at most {max(took):.0f}) |")


main()
