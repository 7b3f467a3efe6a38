# SPDX-License-Identifier: MIT
"""On what it was measured."""

import os
import platform
import subprocess

WRITTEN = ("README.md", "tools/bench/RESULTS.md", "tools/bench/plots", "tools/bench/results")


def commit(source):
    def git(*words):
        done = subprocess.run(["git", "-c", f"safe.directory={source}", "-C", source, *words],
                              capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""
    name = git("rev-parse", "--short=12", "HEAD") or "unknown"
    # Anywhere: what measures counts as well as what is measured. Save what is written by measuring.
    changed = git("status", "--porcelain", "--", ":/", *(f":(top,exclude){path}"
                                                         for path in WRITTEN))
    return name + (" and changes" if changed else "")


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def system():
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            for line in file:
                if line.startswith("PRETTY_NAME="):
                    return line.split("=", 1)[1].strip().strip('"')
    except OSError:
        pass
    return platform.system()


def describe():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libc = " ".join(platform.libc_ver())
    virtual = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            virtual = " (virtual machine)" if " hypervisor" in file.read() else ""
    except OSError:
        pass
    return (f"{os.cpu_count()} x {processor()}{virtual}, {memory:.0f} GB, "
            f"Linux {platform.release()} {platform.machine()}, {system()}, {libc}")
