# SPDX-License-Identifier: MIT
"""The hooks and the parser in process, without the kernel, by Google Benchmark."""

import json
import os
import subprocess

from common import page
from common.bench import Skip

TITLE = "In process"
SECONDS = 0.05  # for each
REPETITIONS = 3
WHAT = {
    "socket_tcp": "`socket`, TCP: six settings, rules", "socket_udp": "`socket`, UDP",
    "socket_and_connect_tcp": "`socket` and `connect`: rules",
    "accept_prepared": "`accept` on a prepared listener: rules",
    "socket_and_listen_tcp": "`socket` and `listen`: rules",
    "setsockopt_tcp": "the program's own `setsockopt`",
    "read_file": "reading a file: rules", "hash_file": "hashing a file of 200 rules",
    "make_plan": "making the plan: rules", "decide": "deciding by address: rules",
}


def measure(bench):
    program = os.path.join(bench.build, "micro_benchmarks")
    if not os.access(program, os.X_OK):
        raise Skip("not built (-DSOCKOPT_BENCHMARKS=ON)")
    done = subprocess.run(
        [program, "--benchmark_format=json", f"--benchmark_min_time={SECONDS}",
         f"--benchmark_repetitions={REPETITIONS}", "--benchmark_enable_random_interleaving",
         "--benchmark_report_aggregates_only"],
        env=bench.ways.plain(), capture_output=True, text=True, check=True)
    rows = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("error_occurred"):
            raise RuntimeError(f"{row['name']}: {row['error_message']}")
        unit = {"ns": 1, "us": 1e3, "ms": 1e6}[row["time_unit"]]
        if row["aggregate_name"] in ("median", "cv"):
            scale = unit if row["aggregate_name"] == "median" else 1
            rows.setdefault(row["run_name"], {})[row["aggregate_name"]] = row["cpu_time"] * scale
    return rows


def report(data, plots):
    del plots
    rows = []
    order = list(WHAT)
    named = [(*name.partition("/")[::2], row) for name, row in data.items()]
    for what, rules, row in sorted(named, key=lambda one: (order.index(one[0]),
                                                           int(one[1] or 0))):
        median = row["median"]
        rows.append([WHAT[what] + (f" {int(rules):,}" if rules else ""),
                     page.time(median) if median >= 100 else f"{median:.1f} ns",
                     f"{row['cv'] * 100:.0f} %"])
    return ("The core with a kernel that accepts everything at once, so what remains is the "
            "library's own work. The same code as in the library, compiled for speed instead of "
            "size.\n\n" +
            page.table(["", "processor time, median", "spread"], rows))
