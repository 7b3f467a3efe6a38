# SPDX-License-Identifier: MIT
"""CPython's own tests, as Debian packages them (libpython3.11-testsuite)."""

import functools
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

from suite import Outcomes, Suite

PYTHON = "/usr/bin/python3"

# Of a whole module, in seconds, for the one that hangs: a busy machine needs its time.
TIMEOUT = 1500


class Module(Suite):
    left_out = {
        "ThreadedVSOCKSocketStreamTest":
            "on a virtual machine without a loopback for VSOCK it waits for ever, with and without",
    }

    def __init__(self, module, directory):
        super().__init__(directory)
        self.module = module

    def unavailable(self):
        found = subprocess.run([PYTHON, "-c", f"import test.{self.module}"], capture_output=True,
                               text=True, check=False)
        return None if found.returncode == 0 else found.stderr.strip().splitlines()[-1]

    def run(self, environment, tests=None):
        # Not in the build tree: the path of a UNIX socket has 108 bytes.
        with tempfile.TemporaryDirectory() as scratch:
            results = pathlib.Path(scratch) / "results.xml"
            command = [PYTHON, "-m", "test", "--tempdir", scratch, "--timeout", str(TIMEOUT),
                       "--junit-xml", results]
            for name in self.left_out:
                command += ["--ignore", f"*{name}*"]
            if tests:
                chosen = pathlib.Path(scratch) / "chosen"
                chosen.write_text("".join(f"{test}\n" for test in tests))
                command += ["--matchfile", chosen]
            done = subprocess.run([*command, self.module], env=environment, cwd=scratch,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace",
                                  check=False, timeout=TIMEOUT + 60)
            cases = {}
            if results.exists():
                cases = {case.get("name"): outcome(case, scratch)
                         for case in xml.etree.ElementTree.parse(results).iter("testcase")}
        return Outcomes(cases, done.stdout)


def outcome(case, scratch):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    # The reason may name a file by its path, and that has the number of the process in it.
    reason = re.sub(r"\d+", "N", (skipped.text or "").replace(scratch, "DIR"))
    return f"skipped: {reason}"


SUITES = {name: functools.partial(Module, name)
          for name in ("test_socket", "test_ssl", "test_asyncio")}
