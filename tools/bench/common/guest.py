# SPDX-License-Identifier: MIT
"""Runs programs in an emulated machine that counts every instruction, the kernel's too.

Under `-icount shift=0` qemu's clock advances by one nanosecond for each instruction, and so does
the counter that the guest reads with rdtsc: the difference of two readings is an exact number, the
same at each run and on every host.  The guest has Debian's kernel and one process at a time.
"""

import glob
import os
import platform
import shutil
import subprocess

from . import initramfs
from .bench import Skip

QEMU = "qemu-system-x86_64"
LIMIT = 600
PREPARES = "prepare"


def find_kernel(directory):
    """Where run.sh has unpacked Debian's kernel."""
    found = sorted(glob.glob(f"{directory}/boot/vmlinuz-*"))
    if not found:
        raise Skip("Debian's kernel could not be downloaded")
    return found[-1]


class Guest:
    """Collects runs, and makes them all in one boot."""

    def __init__(self, bench):
        if platform.machine() != "x86_64":
            raise Skip("only for x86-64")
        if not shutil.which(QEMU):
            raise Skip(f"{QEMU} is not installed")
        self.kernel = find_kernel(f"{bench.build}/kernel")
        self.bench, self.archive, self.runs = bench, initramfs.Archive(), []
        self.archive.add_file("/init", bench.compile("init", "-static", folder="instructions"))
        for program in (bench.subjects, "/bin/true"):
            self.archive.add_program("/" + os.path.basename(program), program)

    def prepare(self, way, *words):
        """What is done before that which is added later, and has to succeed."""
        self.add(f"{PREPARES}{len(self.runs)}", way, *words)

    def add(self, name, way, *words):
        """Files that a way's variables name are taken along."""
        variables = []
        for variable, value in way.variables.items():
            if os.path.isabs(value) and os.path.exists(value):
                inside = "/" + os.path.basename(value)
                if ".so" in value:
                    self.archive.add_program(inside, value)
                else:
                    self.archive.add_file(inside, value)
                value = inside
            variables.append(f"{variable}={value}")
        self.runs.append(" ".join([name, *variables, "--", *words]))

    def run(self):
        """{name: [what each round took]}, and the guest's kernel."""
        self.archive.add("/runs", ("\n".join(self.runs) + "\n").encode())
        disk = os.path.join(self.bench.work, "initramfs")
        self.archive.write(disk)
        done = subprocess.run(
            [QEMU, "-M", "pc", "-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "max",
             "-m", "512", "-display", "none", "-nodefaults", "-serial", "stdio", "-monitor", "none",
             "-no-reboot", "-kernel", self.kernel, "-initrd", disk,
             "-append", "console=ttyS0 quiet panic=-1 nokaslr norandmaps"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
        taken, name, said = {}, None, []
        for line in done.stdout.splitlines():
            words = line.split()
            if words[:1] == ["begin"]:
                name = words[1]
                taken[name], said = [], []
            elif words[:1] == ["end"]:
                if words[2] != "0":
                    raise RuntimeError(f"in the guest: {name} ended with wait status {words[2]}: "
                                       + " ".join(said))
                name = None
            elif name and name.startswith(PREPARES):
                said.append(line)
            elif name and len(words) == 1 and words[0].isdigit():
                taken[name].append(int(words[0]))
            elif name:
                raise RuntimeError(f"in the guest: {name}: {line.strip()}")
        if len(taken) != len(self.runs):
            raise RuntimeError(f"the guest ended early: {done.stdout[-500:]} {done.stderr[-500:]}")
        return ({name: rounds for name, rounds in taken.items() if not name.startswith(PREPARES)},
                os.path.basename(self.kernel).removeprefix("vmlinuz-"))
