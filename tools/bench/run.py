# SPDX-License-Identifier: MIT
"""Measures what is asked for, and writes the pages from all that was ever measured: `run.py BUILD`
and the options of run.sh, which starts it."""

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

import options
from common import results_page
from common.bench import SOURCE, Bench, Skip
from common.records import Records


def stop(number, _):
    raise SystemExit(128 + number)


def measure(bench, records, modules):
    """{part: why it could not be measured}.  What is known of such a part stays as it was."""
    missing = {}
    for part, module in modules.items():
        start = time.monotonic()
        print(f"{part} ...", end=" ", flush=True)
        try:
            records.keep(part, module.measure(bench))
            print(f"{time.monotonic() - start:.0f} s", flush=True)
        except Skip as why:
            missing[part] = str(why)
            print(f"skipped: {why}", flush=True)
        except Exception as why:
            missing[part] = f"failed: {why}"
            print("failed:", flush=True)
            traceback.print_exc()
    return missing


def modules_of(parts):
    return {part: importlib.import_module(f"subjects.{part}") for part in parts}


def report(directory, modules, records, missing, readme=None):
    """Whether the page could be written."""
    kept = {part: record for part in modules if (record := records.kept(part))}
    page = os.path.relpath(os.path.join(directory, "RESULTS.md"))
    if not kept:
        print(f"Nothing was measured yet, and {page} stays as it is", file=sys.stderr)
        return False
    if lost := results_page.would_lose(directory, modules, kept):
        print(f"{page} stays as it is: it has what is not in results/, of {', '.join(lost)}; "
              "measure these as well", file=sys.stderr)
        return False
    results_page.write(directory, modules, kept, missing)
    if readme and not results_page.write_readme(readme, kept):
        print(f"{os.path.relpath(readme)} stays as it is: it needs more parts than were measured")
    print(f"Results: {page}")
    return True


def main():
    wanted = options.parse(sys.argv[2:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    records = Records(wanted.output, SOURCE)
    missing = {}
    if wanted.parts:
        work = tempfile.mkdtemp(prefix="sockopt-bench-")
        os.chmod(work, 0o755)
        try:
            bench = Bench(os.path.realpath(sys.argv[1]), work, wanted.rounds)
            missing = measure(bench, records, modules_of(wanted.parts))
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(work)
    readme = os.path.join(SOURCE, "README.md") if wanted.is_published else None
    is_written = report(wanted.output, modules_of(options.PARTS), records, missing, readme)
    return 0 if is_written and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
