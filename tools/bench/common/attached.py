# SPDX-License-Identifier: MIT
"""What is attached where the bpf engine is measured, and what it is called there."""

import subprocess

from .ways import SIX, rules

ATTACHED, LISTENERS, ELSEWHERE = "attached", "attached, for listeners", "attached elsewhere"
RULES = (1, 10, 200)


def with_rules(count):
    return f"attached, {count} rule" + ("s" if count > 1 else "")


POLICIES = {ATTACHED: "[sockopt]\n" + SIX, LISTENERS: "[rule all]\nlisten = *\n" + SIX,
            **{with_rules(count): rules(count) for count in RULES}}


def why_not(build, *before):
    """Why this build's `attach` does not work here, behind other commands; empty: it does."""
    done = subprocess.run([*before, f"{build}/sockopt", "attach", "--list"], capture_output=True,
                          text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def is_built(build):
    return "without the bpf engine" not in why_not(build)
