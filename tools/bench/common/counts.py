# SPDX-License-Identifier: MIT
"""What is the same at each run, whatever else the machine does: system calls by strace, and
instructions in user space by stepping through them."""

import os
import re
import shutil
import subprocess


def _traced(bench, way, subject, family, operations):
    trace = os.path.join(bench.work, "trace")
    # --env: into the program, not into strace
    values = [f"--env={name}={value}" for name, value in way.variables.items()]
    subprocess.run(["strace", "-c", "-U", "calls,name", "-o", trace, *values, *way.starter,
                    bench.subjects, subject + way.own, family, str(operations), "ns", "1"],
                   env=bench.ways.plain(), check=True, stdout=subprocess.DEVNULL)
    with open(trace, encoding="utf-8") as file:
        found = re.findall(r"^\s*(\d+)\s+(\w+)\s*$", file.read(), re.MULTILINE)
    return {name: int(count) for count, name in found if name != "total"}


def can_trace():
    if not shutil.which("strace"):
        return False
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
    return tried.returncode == 0


def calls_per_operation(bench, way, subject, family, few=50, many=150):
    """What another hundred add, so that what is done once, at start and end, falls away; with what
    prepares an operation and tidies up after it."""
    more, less = (_traced(bench, way, subject, family, count) for count in (many, few))
    each = {name: (more[name] - less.get(name, 0)) / (many - few) for name in more}
    return {name: value for name, value in each.items() if abs(value) >= 0.05}


def added_calls(bench, ways, subject, family):
    """{label: {call: how many more than the first of the ways makes}}"""
    counted = {way.label: calls_per_operation(bench, way, subject, family) for way in ways}
    base = counted[ways[0].label]
    return {label: {name: round(calls.get(name, 0) - base.get(name, 0), 2)
                    for name in sorted(calls.keys() | base.keys())
                    if abs(calls.get(name, 0) - base.get(name, 0)) >= 0.05}
            for label, calls in counted.items()}


def _steps(bench, way, subject, family):
    words = [bench.steps, *way.starter, bench.subjects, subject + way.own, family, "1", "mark", "2"]
    done = subprocess.run(words, env=bench.environment(way), capture_output=True, text=True)
    return int(done.stdout.split()[-1]) if done.returncode == 0 else None


def user_instructions(bench, ways, subject, family):
    """{label: instructions in user space for one operation}; {} where nothing may be traced."""
    counted = {}
    for way in ways:
        marks = _steps(bench, way._replace(own=""), "nothing", family)
        steps = _steps(bench, way, subject, family)
        if marks is None or steps is None:
            return {}
        counted[way.label] = steps - marks
    return counted
