# SPDX-License-Identifier: MIT
"""What all parts of a run share: the build, a working directory, the programs, the processors."""

import glob
import os
import subprocess

from .ways import Ways

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = os.path.dirname(os.path.dirname(HERE))


class Skip(Exception):
    """A part that cannot run here, and why."""


class Workplace:
    """What a part needs that measures nothing but the command."""

    def __init__(self, build, work, rounds=None):
        self.build, self.work, self.wanted_rounds = build, work, rounds

    def compile(self, name, *flags, folder="programs", libraries=()):
        """NAME.c of that folder; or all of it where that is the program's own."""
        folder, name_in_source = os.path.join(HERE, folder), name.removesuffix(".so") + ".c"
        own = os.path.basename(folder) == name
        sources = sorted(glob.glob(f"{folder}/*.c")) if own else [f"{folder}/{name_in_source}"]
        target = os.path.join(self.work, name)
        subprocess.run([os.environ.get("CC", "cc"), "-O2", *flags, "-o", target, *sources,
                        *libraries], check=True)
        return target

    def rounds(self, usual):
        return self.wanted_rounds or usual


class Bench(Workplace):
    def __init__(self, build, work, rounds=None):
        super().__init__(build, work, rounds)
        self.ways = Ways(build, work)
        # What is measured has one; threads that are to meet have all.
        self.processors = sorted(os.sched_getaffinity(0))
        self.processor = self.processors[-1]
        self.subjects = self.compile("subjects", "-pthread", folder="programs/subjects")
        self.steps = self.compile("steps")
        self.compile("naive_shim.so", "-shared", "-fPIC", libraries=["-ldl"])
        # What any preloaded library costs: with nothing in it, linked as libsockopt.so is.
        self.compile("empty_preload.so", "-shared", "-fPIC", "-Wl,-z,now", "-Wl,-z,relro",
                     "-Wl,-z,nodelete", "-Wl,-z,noseparate-code",
                     folder=os.path.join(SOURCE, "tests", "bounds"))

    def environment(self, way):
        return self.ways.plain() | way.variables

    def settle_on(self, processors=None):
        """For preexec_fn: onto these, or else that of what is measured."""
        return lambda: os.sched_setaffinity(0, processors or {self.processor})
