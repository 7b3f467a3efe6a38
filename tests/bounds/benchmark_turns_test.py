# SPDX-License-Identifier: MIT
"""How the benchmark lets programs take turns: `benchmark_turns_test.py SOURCE_DIRECTORY`. A script
stands in for what is measured, and answers with something else than a time."""

import os
import sys
import tempfile
import types
import unittest

import benchmark_tree  # finds tools/bench

from common import turns
from common.bench import Bench
from common.ways import AGAIN, BARE, Way

ANSWERING = """#!{python}
import os, sys
for line in sys.stdin:
    print({answer} if line == "r\\n" else 0, flush=True)
"""
BARES = [Way(BARE), Way(AGAIN)]


class Turns(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.directory = held.name

    def taken(self, answer, ways=tuple(BARES), rounds=1, **how):
        script = f"{self.directory}/subjects"
        with open(script, "w", encoding="utf-8") as file:
            file.write(ANSWERING.format(python=sys.executable, answer=answer))
        os.chmod(script, 0o755)
        bench = types.SimpleNamespace(
            subjects=script, environment=lambda way: way.variables,
            processor=max(self.processors()))
        bench.settle_on = lambda processors: Bench.settle_on(bench, processors)
        return turns.take_turns(bench, list(ways), "any", "ipv4", 1, rounds, **how)

    @staticmethod
    def processors():
        return os.sched_getaffinity(0)

    def test_on_one_processor(self):
        self.assertEqual(self.taken("len(os.sched_getaffinity(0))")[BARE], [1])

    def test_threads_have_all_of_them(self):
        taken = self.taken("len(os.sched_getaffinity(0))", processors=self.processors())
        self.assertEqual(taken[BARE], [len(self.processors())])

    def test_by_the_clock_that_is_asked_for(self):
        for clock in ("cpu", "ns"):
            self.assertEqual(self.taken(f"int(sys.argv[4] == '{clock}')", clock=clock)[BARE], [1])
        self.assertEqual(self.taken("int(sys.argv[4] == 'cpu')")[BARE], [1])

    def test_new_processes_come_after_four_rounds(self):
        ids = self.taken("os.getpid()", rounds=10)[BARE]
        self.assertEqual([ids.count(one) for one in dict.fromkeys(ids)], [4, 4, 2])

    def test_ratios_are_to_one_run_of_the_bare_program(self):
        taken = {BARE: [100, 200], AGAIN: [300, 300], "libsockopt": [110, 220]}
        self.assertEqual(turns.ratios(taken, "libsockopt"), [1.1, 1.1])
        self.assertEqual(turns.ratios(taken, AGAIN), [3, 1.5])


unittest.main(verbosity=0)
