# SPDX-License-Identifier: MIT
"""The tests of Perl's IO::Socket::SSL, from the source of Debian's package, on the installed module:
servers and clients that fork, block, time out, and change between plain text and TLS."""

import pathlib
import re
import shutil
import subprocess

from suite import Outcomes, Suite

PACKAGES = pathlib.Path(__file__).parent.parent / "portability" / "debian_packages.sh"
SOURCE = "libio-socket-ssl-perl"

# Of one file of tests, in seconds, for the one that hangs.
TIMEOUT = 600

# A line of TAP: `not ok 3 - what it is about # skip why`. Number and all that follows may be lacking.
RESULT = re.compile(r"(not )?ok\b *(\d+)?(.*)")
DIRECTIVE = re.compile(r"# *(skip|todo)\b *(.*)", re.IGNORECASE)


class SocketSsl(Suite):
    def unavailable(self):
        if not shutil.which("prove"):
            return "prove is not installed"
        if subprocess.run(["perl", "-MIO::Socket::SSL", "-e", "1"], capture_output=True,
                          check=False).returncode != 0:
            return f"{SOURCE} is not installed"
        release = re.search(r"^VERSION_CODENAME=(\w+)",
                            pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)
        fetched = subprocess.run(
            [PACKAGES, release.group(1) if release else "", "source", self.directory / "source",
             SOURCE], capture_output=True, text=True, check=False)
        if fetched.returncode == 0:
            return None
        return fetched.stdout.strip() or fetched.stderr.strip()

    def run(self, environment, tests=None):
        tree = self.directory / "source" / "root" / SOURCE
        files = {test.split(":")[0] for test in tests} if tests else tree.glob("t/*.t")
        outcomes, output = {}, ""
        for file in sorted(str(pathlib.Path(tree, file).relative_to(tree)) for file in files):
            try:
                done = subprocess.run(["perl", file], env=environment, cwd=tree,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, errors="replace",
                                      check=False, timeout=TIMEOUT)
                printed, status = done.stdout, done.returncode
            except subprocess.TimeoutExpired as expired:
                printed, status = (expired.stdout or b"").decode(errors="replace"), "no end"
            output += f"--- {file}\n{printed}"
            outcomes[f"{file}: exit status"] = str(status)
            outcomes.update(results(file, printed))
        return Outcomes(outcomes, output)


def results(file, printed):
    """The outcomes of a file's tests by number, or else by what is said of them: processes that share
    an output do not always come in the same order."""
    outcomes = {}
    for line in printed.splitlines():
        match = RESULT.match(line)
        if not match:
            continue
        failed, number, text = match.groups()
        outcome = "failed" if failed else "passed"
        directive = DIRECTIVE.search(text)
        if directive:
            outcome += f" ({directive.group(1).lower()}: {directive.group(2)})"
        # Of the text, all but ports and addresses in memory.
        text = re.sub(r"0x[0-9a-f]+|\d+", "N", text).strip()
        test = f"{file}: {number or text or 'those without a name'}"
        outcomes.setdefault(test, []).append(outcome)
    return {test: ", ".join(sorted(each)) for test, each in outcomes.items()}


SUITES = {"perl_socket_ssl": SocketSsl}
