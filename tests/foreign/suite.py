# SPDX-License-Identifier: MIT
"""What a suite of somebody else's tests is to foreign.py."""

import dataclasses


@dataclasses.dataclass
class Outcomes:
    outcomes: dict  # test: "passed", "failed" or "skipped: why"
    output: str     # what the run printed


class Suite:
    # What of the suite is not run: why.
    left_out = {}

    def __init__(self, directory):
        self.directory = directory

    def unavailable(self):
        """Why the suite cannot be run here, or None."""
        raise NotImplementedError

    def run(self, environment, tests=None):
        """The Outcomes of all tests, or of a part in which these are."""
        raise NotImplementedError
