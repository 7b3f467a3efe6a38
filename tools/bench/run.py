# SPDX-License-Identifier: MIT
"""Measures what is asked for and writes RESULTS.md from all that was ever measured in this build.
Started by run.sh."""

import argparse
import contextlib
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True  # it runs as root in somebody's working copy

from common import machine, summary
from common.bench import HERE, SOURCE, Bench, Skip

PARTS = ("instructions", "accept", "clients", "untouched", "startup", "servers", "effects",
         "growth", "micro", "show", "apply")
NOTHING = "report"


def stop(number, _):
    raise SystemExit(128 + number)


def measure(bench, parts):
    """Whether all of them could be measured."""
    complete = True
    for part in parts:
        start = time.monotonic()
        print(f"{part} ...", end=" ", flush=True)
        try:
            bench.keep(part, importlib.import_module(f"subjects.{part}").measure(bench))
            print(f"{time.monotonic() - start:.0f} s", flush=True)
        except Skip as why:
            bench.keep(part, {"skipped": str(why)})
            print(f"skipped: {why}", flush=True)
            complete = False
        except Exception:
            print("failed:", flush=True)
            traceback.print_exc()
            complete = False
    return complete


def report(bench, directory):
    plots = os.path.join(directory, "plots")
    os.makedirs(plots, exist_ok=True)
    records = {part: bench.kept(part) for part in PARTS}
    measured = {part: record["data"] for part, record in records.items()
                if record and "skipped" not in record["data"]}
    text = ["# What it costs, beside the alternatives\n",
            "Written by `./tools/bench/run.sh`, which installs the peers, builds, and measures "
            "everything again; `./tools/bench/run.sh accept` measures that part only. "
            "[README.md](README.md) says how it is measured, and what is what.\n",
            f"Machine: {machine.describe()}.\n",
            summary.table(measured)]
    for part in PARTS:
        record = records[part]
        if record is None:
            continue
        module = importlib.import_module(f"subjects.{part}")
        text.append(f"## {module.TITLE}\n")
        if "skipped" in record["data"]:
            text.append(f"Skipped: {record['data']['skipped']}.\n")
        else:
            text.append(module.report(record["data"], plots))
        text.append(f"Measured {record['date']} UTC, commit {record['commit']}, load "
                    f"{record['load']:.1f}. Again: `./tools/bench/run.sh {part}`\n")
    with open(os.path.join(directory, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(text))
    if os.path.samefile(directory, HERE):
        newest = max(filter(None, records.values()), key=lambda record: record["date"])
        summary.write_into(os.path.join(SOURCE, "README.md"), measured,
                           f"{newest['date'][:10]}, commit {newest['commit']}, "
                           f"{machine.describe()}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, help="instead of each part's own number")
    parser.add_argument("--output", default=HERE, help="where RESULTS.md and plots/ go")
    parser.add_argument("--results", help="where each part's are kept; in the build otherwise")
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"{', '.join(PARTS)}; {NOTHING} measures nothing")
    arguments = parser.parse_intermixed_args()
    unknown = [part for part in arguments.parts if part not in (*PARTS, NOTHING)]
    if unknown:
        parser.error(f"no such part: {unknown[0]}; there are {', '.join(PARTS)}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    work = tempfile.mkdtemp(prefix="sockopt-bench-")
    os.chmod(work, 0o755)
    try:
        bench = Bench(os.path.realpath(arguments.build), work, arguments.rounds, arguments.results)
        wanted = arguments.parts or PARTS
        complete = measure(bench, [part for part in PARTS if part in wanted])
        report(bench, arguments.output)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(work)
    print(f"Results: {os.path.relpath(arguments.output, SOURCE)}/RESULTS.md")
    return 0 if complete else 1


sys.exit(main())
