# SPDX-License-Identifier: MIT
"""RESULTS.md with its plots, and the lines of README, from everything measured so far."""

import os

from . import behind, summary


def by_value(records, key):
    """{value: [part, ...]}, in the order in which they first come."""
    found = {}
    for part, record in records.items():
        found.setdefault(record[key], []).append(part)
    return found


def _origin(records, key, what):
    """One line, and where the parts do not agree, which is from where."""
    found = by_value(records, key)
    if len(found) == 1:
        return f"{what}: {next(iter(found))}.\n"
    lines = "\n".join(f"* {value}: {', '.join(parts)}" for value, parts in found.items())
    return f"**The parts differ in their {what.lower()}:**\n\n{lines}\n"


def would_lose(directory, modules, records):
    """The parts of which the page has results, and nobody the numbers."""
    try:
        with open(os.path.join(directory, "RESULTS.md"), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return []
    return [part for part, module in modules.items() if part not in records and
            f"## {module.TITLE}\n" in text and f"## {module.TITLE}\n\nSkipped: " not in text]


def write(directory, modules, records, skipped):
    """modules: {part: its module}; records: {part: its record}, of those that have one; skipped:
    {part: why}, of those that were wanted and could not be measured."""
    plots = os.path.join(directory, "plots")
    os.makedirs(plots, exist_ok=True)
    measured = {part: record["data"] for part, record in records.items()}
    text = ["# What libsockopt costs, next to the alternatives\n",
            "Written by `./tools/bench/run.sh`, which installs the peers, builds, and measures "
            "everything again; `./tools/bench/run.sh accept` measures one part. "
            "[README.md](README.md) explains how, and what the names mean; `results/` has the raw "
            "numbers. Brackets hold the middle half of the rounds.\n",
            _origin(records, "machine", "Machine"), _origin(records, "commit", "Commit"),
            summary.table(measured), behind.section(measured)]
    for part, module in modules.items():
        record = records.get(part)
        if record:
            text += [f"## {module.TITLE}\n", module.report(record["data"], plots),
                     f"Measured {record['date']} UTC, commit {record['commit']}, load "
                     f"{record['load']:.1f}. Again: `./tools/bench/run.sh {part}`\n"]
        elif part in skipped:
            text += [f"## {module.TITLE}\n", f"Skipped: {skipped[part]}.\n"]
    with open(os.path.join(directory, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(text))


def write_readme(path, records):
    """Whether it was written: a table that lacks some of its lines says less than an old one."""
    used = {part: records[part] for part in summary.FIRST_PARTS if part in records}
    if len(used) < len(summary.FIRST_PARTS):
        return False
    measured = {part: record["data"] for part, record in used.items()}
    dates = sorted({record["date"][:10] for record in used.values()})
    summary.write_into(path, measured, f"Measured {' to '.join(sorted({dates[0], dates[-1]}))}.")
    return True
