# SPDX-License-Identifier: MIT
"""What the tests of the benchmark's programs share: the tree, which their first argument names, and
its files. Import it before anything of tools/bench."""

import os
import sys

sys.dont_write_bytecode = True
SOURCE = os.path.realpath(sys.argv.pop(1))
BENCH = f"{SOURCE}/tools/bench"
sys.path.insert(0, BENCH)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
