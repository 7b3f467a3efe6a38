# SPDX-License-Identifier: MIT
"""What the benchmark does with what was measured before, and what it makes of that. Nothing is
measured here. `benchmark_records_test.py SOURCE_DIRECTORY`."""

import contextlib
import io
import json
import re
import subprocess
import tempfile
import types
import unittest
from unittest import mock

from benchmark_tree import SOURCE, read, write

import run
from common import behind, machine, plot, results_page, summary
from common.bench import Skip
from common.records import Records
from common.ways import BARE, OWN


def part(data, title="A part"):
    """A module that measures this, or raises it."""
    def measure(_):
        if isinstance(data, Exception):
            raise data
        return data
    return types.SimpleNamespace(TITLE=title, measure=measure,
                                 report=lambda data, plots: f"It is {data['is']}.\n")


class Quiet(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())
        self.output = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.error = self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def enterContext(self, manager):  # unittest has it from Python 3.11 on
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value


class Kept(Quiet):
    """The parts are such as the summary takes nothing from."""

    def measure(self, **modules):
        records = Records(self.directory, SOURCE)
        return records, run.measure(None, records, modules)

    def page(self, records, missing, **modules):
        kept = {name: record for name in modules if (record := records.kept(name))}
        results_page.write(self.directory, modules, kept, missing)
        return read(f"{self.directory}/RESULTS.md")

    def test_beside_the_page(self):
        self.measure(micro=part({"is": 1 / 3}))
        self.assertEqual(json.loads(read(f"{self.directory}/results/micro.json"))["data"],
                         {"is": 0.333333})

    def test_by_a_part_that_is_not_measured_again(self):
        modules = {"effects": part({"is": 1}, "Effects"), "micro": part({"is": 2}, "Micro")}
        self.measure(**modules)
        records, missing = self.measure(micro=part({"is": 3}, "Micro"))
        page = self.page(records, missing, **modules)
        self.assertIn("It is 1.", page)
        self.assertIn("It is 3.", page)

    def test_by_a_part_that_is_skipped_or_fails(self):
        self.measure(effects=part({"is": 1}), micro=part({"is": 2}))
        modules = {"effects": part(Skip("no machine")), "micro": part(RuntimeError("broken"))}
        records, missing = self.measure(**modules)
        self.assertEqual(missing, {"effects": "no machine", "micro": "failed: broken"})
        page = self.page(records, missing, **modules)
        self.assertIn("It is 1.", page)
        self.assertIn("It is 2.", page)
        self.assertNotIn("no machine", page)

    def test_a_skipped_part_without_a_record_says_why(self):
        modules = {"effects": part(Skip("no machine"))}
        self.assertIn("Skipped: no machine.", self.page(*self.measure(**modules), **modules))

    def test_with_the_commit_of_each_where_they_differ(self):
        modules = {"effects": part({"is": 1}), "micro": part({"is": 2})}
        records, missing = self.measure(**modules)
        self.assertNotIn("Not all of it", self.page(records, missing, **modules))
        records.commit = "0123456789ab and changes"
        run.measure(None, records, {"micro": modules["micro"]})
        self.assertIn("* 0123456789ab and changes: micro\n",
                      self.page(records, missing, **modules))


class NotMeasured(Quiet):
    def setUp(self):
        super().setUp()
        self.page = f"{self.directory}/RESULTS.md"
        self.records = Records(self.directory, SOURCE)

    def report(self, **titles):
        modules = {name: part(None, title) for name, title in titles.items()}
        return run.report(self.directory, modules, self.records, {})

    def test_nothing_leaves_the_pages_alone(self):
        write(self.page, "old")
        self.assertFalse(self.report(micro="Micro"))
        self.assertEqual(read(self.page), "old")
        self.assertIn("Nothing was measured", self.error.getvalue())

    def test_a_part_of_which_there_are_no_numbers_is_not_lost(self):
        write(self.page, "## Effects\n\nIt is 1.\n")
        self.records.keep("micro", {"is": 2})
        self.assertFalse(self.report(micro="Micro", effects="Effects"))
        self.assertEqual(read(self.page), "## Effects\n\nIt is 1.\n")
        self.assertIn("of effects; measure", self.error.getvalue())

    def test_one_that_was_skipped_is_no_loss(self):
        write(self.page, "## Effects\n\nSkipped: no machine.\n")
        self.records.keep("micro", {"is": 2})
        self.assertTrue(self.report(micro="Micro", effects="Effects"))
        self.assertIn("It is 2.", read(self.page))

    def test_readme_says_when_it_was_measured(self):
        said = []
        records = {name: {"date": "2026-01-02 03:04", "data": {}} for name in summary.FIRST_PARTS}
        records["accept"]["date"] = "2026-01-05 06:07"
        with mock.patch.object(summary, "write_into", lambda path, data, where: said.append(where)):
            self.assertTrue(results_page.write_readme("README.md", records))
        self.assertEqual(said, ["Measured 2026-01-02 to 2026-01-05."])

    def test_readme_needs_all_of_its_parts(self):
        readme = f"{self.directory}/README.md"
        write(readme, summary.BEGIN + "old\n" + summary.END)
        self.assertFalse(results_page.write_readme(readme, {"accept": {}}))
        self.assertIn("old\n", read(readme))


class Behind(unittest.TestCase):
    """What is more than the bare program's, or a peer's, is listed, and nothing else."""

    def section(self, calls, ours, peer):
        time = {label: {"ratio": [1, 1, 1]} for label in (behind.OURS, behind.FAR)}
        return behind.section({
            "clients": {"base": OWN, "time": time, "to_base": time, "calls": {
                OWN: {"setsockopt": 6}, behind.FAR: {"setsockopt": 6} | calls}},
            "instructions": {"counted": {"accept": {BARE: 1000, behind.OURS: 1000 + ours,
                                                    "libkeepalive": 1000 + peer}}}})

    def test_system_calls(self):
        self.assertIn("| +1 futex | 1.000 of hand-written |",
                      self.section({"futex": 1}, 0, 0))
        self.assertEqual(self.section({}, 0, 0), "")

    def test_peers(self):
        self.assertIn("| +83 | libkeepalive +0 |", self.section({}, 83, 0))
        self.assertEqual(self.section({}, 83, 90), "")


class Plots(Quiet):
    def draw(self, *ratios):
        path = f"{self.directory}/plot.svg"
        plot.ratios(path, "Title", [("", [(f"row {n}", [its] * 3)
                                          for n, its in enumerate(ratios)])])
        return read(path)

    def test_different_ratios_have_different_places(self):
        across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', self.draw(1, 1.33, 1.79))]
        self.assertAlmostEqual((across[2] - across[0]) / (across[1] - across[0]), 0.79 / 0.33, 2)

    def test_the_background_is_drawn_in_both_schemes(self):
        drawing = self.draw(1)
        self.assertRegex(drawing, r'<rect x="-8" y="0" width="776" height="\d+" class="page"/>')
        self.assertEqual(re.findall(r"\.page { fill: (#\w+); }", drawing), ["#ffffff", "#0d1117"])


class Commit(Quiet):
    """Of a repository with everything in it that a run writes."""

    def git(self, *words):
        subprocess.run(["git", "-C", self.directory, "-c", "user.name=a", "-c", "user.email=a@b",
                        *words], check=True, capture_output=True)

    def setUp(self):
        super().setUp()
        self.git("init")
        for name in ("README.md", "sockopt.ini", "tools/bench/run.py", "tools/bench/RESULTS.md"):
            write(f"{self.directory}/{name}", "old")
        self.git("add", ".")
        self.git("commit", "-m", "all")

    def test_what_measuring_writes_is_no_change(self):
        for name in ("README.md", *(f"tools/bench/{name}" for name in
                                    ("RESULTS.md", "plots/accept.svg", "results/accept.json"))):
            write(f"{self.directory}/{name}", "new")
        self.assertRegex(machine.commit(self.directory), "^[0-9a-f]{12}$")

    def test_anything_else_is(self):
        for name in ("sockopt.ini", "tools/bench/run.py", "tools/bench/new.py", "new"):
            with self.subTest(name):
                write(f"{self.directory}/{name}", "new")
                self.assertRegex(machine.commit(self.directory), "^[0-9a-f]{12} and changes$")
                self.git("stash", "--include-untracked")


unittest.main(verbosity=0)
