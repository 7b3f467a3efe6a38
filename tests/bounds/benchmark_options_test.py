# SPDX-License-Identifier: MIT
"""What run.sh of the benchmark does with its options: `benchmark_options_test.py SOURCE_DIRECTORY`.
"""

import contextlib
import os
import subprocess
import tempfile
import unittest

from benchmark_tree import BENCH, SOURCE, read, write

import options
from common.records import Records


def write_with_mode(path, text, mode):
    write(path, text)
    os.chmod(path, mode)


class Options(unittest.TestCase):
    """Of run.sh, where whatever could install, fetch or build only says that it was called."""

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.directory = held.name

    def run_it(self, *words):
        tools = f"{self.directory}/tools"
        for name in ("apt-get", "apt-cache", "dpkg-query", "cmake", "unshare", "sudo"):
            write_with_mode(f"{tools}/{name}", f"#!/bin/sh\necho {name} >>{self.directory}/called\nexit 1\n",
                  0o755)
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{self.directory}/called")
        return subprocess.run([f"{BENCH}/run.sh", *words], capture_output=True, text=True,
                              cwd=self.directory,
                              env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"})

    def was_called(self):
        return os.path.exists(f"{self.directory}/called")

    def test_wrong_ones_are_refused_before_anything_is_done(self):
        for words in (["nonsense"], ["--rounds", "-3"], ["--rounds", "0"], ["--rounds", "x"],
                      ["--rounds"], ["--wrong"], ["--rounds", "3", "accept"], ["--out", "x"]):
            with self.subTest(words):
                done = self.run_it(*words)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("tools/bench/run.sh: error: ", done.stderr)
                self.assertFalse(self.was_called())

    def test_help_does_nothing_else(self):
        for word in ("-h", "--help"):
            done = self.run_it("accept", word)
            self.assertEqual(done.returncode, 0)
            self.assertIn("usage: tools/bench/run.sh [--rounds N", done.stdout)
            self.assertFalse(self.was_called())

    def test_right_ones_go_on(self):
        self.run_it("accept", "--rounds", "3", "--output", "there")
        self.assertTrue(self.was_called())

    def test_report_needs_nothing_but_results(self):
        done = self.run_it("report", "--output", "there")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there/RESULTS.md stays as it is", done.stderr)
        self.assertFalse(self.was_called())

    def test_output_is_relative_to_where_one_stands(self):
        records = Records(f"{self.directory}/there", SOURCE)
        records.keep("micro", {"decide/10": {"median": 12.0, "cv": 0.01}})
        done = self.run_it("report", "--output", "there")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("12.0 ns", read(f"{self.directory}/there/RESULTS.md"))

    def test_parts_keep_their_order(self):
        self.assertEqual(options.parse(["clients", "accept"]).parts, ["accept", "clients"])
        self.assertEqual(options.parse([]).parts, list(options.PARTS))


unittest.main(verbosity=0)
