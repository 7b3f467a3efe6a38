# SPDX-License-Identifier: MIT
"""Measures one part and prints its section of RESULTS.md. Started by show.sh, apply.sh, engine.sh and
watch.sh."""

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # it runs as root in somebody's working copy

from common import machine
from common.bench import SOURCE, Bench, Skip, Workplace
from common.live_sockets import MANY


def main():
    parser = argparse.ArgumentParser(prog=f"tools/bench/{sys.argv[1]}.sh", description=__doc__)
    parser.add_argument("part", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, help="instead of seven")
    parser.add_argument("--sockets", type=int, default=MANY,
                        help="at most so many, and a tenth of it (default: %(default)s)")
    parser.add_argument("build", nargs="?", default=os.path.join(SOURCE, ".build", "release"),
                        help="with sockopt in it (default: .build/release)")
    arguments = parser.parse_intermixed_args()
    if not os.access(os.path.join(arguments.build, "sockopt"), os.X_OK):
        parser.error(f"{arguments.build}/sockopt: not built")
    if (arguments.rounds is not None and arguments.rounds < 1) or arguments.sockets < 100:
        parser.error("from one round and 100 sockets on")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    part = importlib.import_module(f"subjects.{arguments.part}")
    work = tempfile.mkdtemp(prefix="sockopt-bench-")
    try:
        build = os.path.realpath(arguments.build)
        if arguments.part == "engine":
            os.chmod(work, 0o755)
            data = part.measure(Bench(build, work, arguments.rounds))
        else:
            data = part.measure(Workplace(build, work, arguments.rounds), many=arguments.sockets)
    except Skip as why:
        sys.exit(f"{arguments.part}: {why}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"## {part.TITLE}\n\n{part.report(data, None)}\n"
          f"Measured {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, commit "
          f"{machine.commit(SOURCE)}, load {os.getloadavg()[0]:.1f}. "
          f"Again: `./tools/bench/{arguments.part}.sh`")


main()
