#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Puts each folder of shim/ and tools/ into one file, and its compile command beside it.

    unity.py BUILD DIRECTORY

Most of the time that a checker takes goes into the headers that the files of a folder all include.
Prints the files; BUILD is a build of everything, whose sources and options they have.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of each part a file with a command that does for all of it.
COMMAND_OF = {"shim": "sockopt_preload.dir/preload/hooks.cc", "tools": "sockopt_command.dir/"}
# What declares names that its neighbours declare, too.
ALONE = {"byte_functions", "stderr_log", "compare_sockets", "disable"}


def compiled(entries):
    """The sources of a build, of which some are compiled as parts of others."""
    for entry in entries:
        file = pathlib.Path(entry["file"])
        if file.parent.name != "Unity":
            yield file
        elif file.exists():
            yield from map(pathlib.Path, re.findall('#include "(.*)"', file.read_text()))


def folders(entries):
    """The sources that become one file, by its name."""
    found = {}
    for source in sorted(set(compiled(entries))):
        if not source.is_relative_to(ROOT):
            continue
        place = source.relative_to(ROOT)
        if place.parts[0] not in COMMAND_OF or place.parts[1] == "bench":
            continue
        name = place.with_suffix("") if place.stem in ALONE else place.parent
        if "#include <nlohmann/json.hpp>" in source.read_text():
            name = pathlib.PurePath("tools/json")
        found.setdefault(str(name).replace("/", "_"), []).append(source)
    return found


def main():
    build, directory = map(pathlib.Path, sys.argv[1:])
    entries = json.loads((build / "compile_commands.json").read_text())
    commands = []
    for name, sources in folders(entries).items():
        unity = directory / f"{name}.cc"
        unity.write_text("".join(f'#include "{source}"\n' for source in sources))
        part = name.split("_", 1)[0]
        own = next(entry for entry in entries if COMMAND_OF[part] in entry["command"])
        # Without GCC's precompiled header.
        command = re.sub(r"-Winvalid-pch|-include \S*cmake_pch\S*", "", own["command"])
        commands.append({"directory": own["directory"], "file": str(unity),
                         "command": command.replace(own["file"], str(unity))})
    (directory / "compile_commands.json").write_text(json.dumps(commands))
    print(*(entry["file"] for entry in commands), sep="\n")


if __name__ == "__main__":
    main()
