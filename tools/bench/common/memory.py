# SPDX-License-Identifier: MIT
"""The memory that a process has for itself."""

from .turns import Running


def private_kilobytes(bench, way, subject="nothing", operations=1):
    """Of `subjects` in the midst of a round, Private_Clean and Private_Dirty."""
    with Running(bench, way, subject, "ipv4", operations, "ns") as running:
        running.command(b"p")
        running.command(b"r")
        with open(f"/proc/{running.process.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
