# SPDX-License-Identifier: MIT
"""What may be asked for. As a program, started by run.sh before anything is installed: prints the
parts that are to be measured, on one line, which is empty where there is nothing to measure."""

import argparse
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("instructions", "accept", "clients", "untouched", "startup", "servers", "effects",
         "growth", "micro", "show", "apply", "engine", "watch")
NOTHING = "report"
PUBLISHED = HERE


def _rounds(text):
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds; from 1 on")
    return int(text)


def parse(words):
    """With `parts`: those to be measured, in their order."""
    parser = argparse.ArgumentParser(
        prog="tools/bench/run.sh", allow_abbrev=False,
        usage="tools/bench/run.sh [--rounds N --output DIRECTORY] [PART]...",
        description="Measures what libsockopt costs, and writes RESULTS.md, plots/ and results/. "
        "Parts that were measured before keep what they had.")
    parser.add_argument("--rounds", type=_rounds, metavar="N",
                        help="instead of each part's own number: to try something out, and so only "
                        "with --output")
    parser.add_argument("--output", metavar="DIRECTORY", default=PUBLISHED,
                        help="where results are read from and written to (default: tools/bench)")
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"{', '.join(PARTS)}; all of them unless some are named. "
                        f"`{NOTHING}` measures nothing, and writes the pages anew")
    options = parser.parse_intermixed_args(words)
    for part in options.parts:
        if part not in (*PARTS, NOTHING):
            parser.error(f"no part {part!r}; there are {', '.join(PARTS)}, and {NOTHING}")
    options.output = os.path.abspath(options.output)
    options.is_published = os.path.realpath(options.output) == os.path.realpath(PUBLISHED)
    if options.rounds and options.is_published:
        parser.error("--rounds: what is published is measured with the usual numbers; add "
                     "--output DIRECTORY")
    wanted = options.parts or PARTS
    options.parts = [part for part in PARTS if part in wanted]
    return options


if __name__ == "__main__":
    import sys
    print(*parse(sys.argv[1:]).parts)
