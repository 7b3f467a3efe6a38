# SPDX-License-Identifier: MIT
"""One subject, measured in several ways: its time in turns, its system calls and its instructions
in user space exactly.  What most parts consist of."""

from . import counts, page
from .turns import summary, take_turns
from .ways import AGAIN, BARE


def compare(bench, ways, subject, family, operations, rounds, base=BARE):
    taken = take_turns(bench, ways, subject, family, operations, bench.rounds(rounds))
    once = [way for way in ways if way.label != AGAIN]
    return {"base": base, "operations": operations, "rounds": bench.rounds(rounds),
            "time": summary(taken, BARE),
            "to_base": summary(taken, base) if base != BARE else {},
            "calls": counts.added_calls(bench, once, subject, family) if counts.can_trace() else {},
            "instructions": counts.user_instructions(bench, once, subject, family)}


def _more(counted, label):
    if label not in counted:
        return ""
    return f"{counted[label] - counted[BARE]:+,}" if label != BARE else f"{counted[label]:,}"


def table(data):
    """A row for each way."""
    own = data["base"] if data["base"] != BARE else None
    header = ["", "time", "relative to bare (middle half)"]
    header += [f"relative to {own}"] if own else []
    header += ["extra system calls", "instructions in user space"]
    rows = []
    for label, row in data["time"].items():
        cells = [label, page.time(row["median"]), page.spread(row["ratio"])]
        if own:
            cells.append(page.spread(data["to_base"][label]["ratio"]))
        cells.append(page.calls(data["calls"][label]) if data["calls"].get(label) is not None
                     else "")
        rows.append(cells + [_more(data["instructions"], label)])
    return page.table(header, rows)


def rows_to_plot(data, but=(BARE,)):
    return [(label, row["ratio"]) for label, row in data["time"].items() if label not in but]
