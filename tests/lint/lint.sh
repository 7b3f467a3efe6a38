#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What can be said about the sources without running them:
#
#   lint.sh clang_format|shellcheck|mandoc|includes
#   lint.sh clang_tidy BUILD   what the compile commands of this build have
#
# Nothing is changed; what is wrong is printed.  Status 77: the tool is not here, or another version than
# the one that the sources are held to.  The next one formats differently, and has other checks.
set -euo pipefail
what=$1 build=${2:-}
cd "$(dirname "$0")/../.."
readonly llvm=14

skip() {
  echo "Skipped: $*"
  exit 77
}

need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

need_llvm() {
  need "$1"
  local version
  version=$("$1" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
  [[ $version == "$llvm" ]] || skip "$1 is of version $version, and not of $llvm"
}

sources() { find shim tests tools -name '*.cc' -o -name '*.h' -o -name '*.c'; }

scripts() {
  find .ci tests tools -type f -exec grep -lE '^#!.*\bbash$|^# shellcheck shell=' {} +
}

case $what in
  clang_format)
    need_llvm clang-format
    sources | xargs clang-format --dry-run -Werror
    ;;

  clang_tidy)
    need_llvm clang-tidy
    # The library and the command, as they are compiled: many files in one, so that what all include is
    # looked at once; but without GCC's precompiled headers.
    tidied=$(mktemp -d)
    trap 'rm -rf "$tidied"' EXIT
    python3 - "$build" "$tidied" <<'PYTHON' |
import json
import os
import re
import sys

build, tidied = sys.argv[1:]
entries = {}
for entry in json.load(open(f"{build}/compile_commands.json")):
    file = entry["file"]
    place = os.path.relpath(file, build if file.startswith(build + "/") else ".")
    if re.match(r"(shim|tools)/.*(?<!cmake_pch\.hxx)\.(cc|cxx)$", place):
        entry["command"] = re.sub(r"-Winvalid-pch|-include \S*cmake_pch\S*", "", entry["command"])
        entries[file] = entry
json.dump(list(entries.values()), open(f"{tidied}/compile_commands.json", "w"))
print(*entries, sep="\n")
PYTHON
      xargs -n 1 -P "$(nproc)" -- clang-tidy -p "$tidied" --quiet \
        --extra-arg=-Wno-{unknown-warning-option,ignored-optimization-argument,sign-conversion} \
        2> >(grep -v 'warnings\? generated' >&2)
    ;;

  shellcheck)
    need shellcheck
    scripts | xargs shellcheck --external-sources --source-path=SCRIPTDIR:.
    ;;

  mandoc)
    need mandoc
    mandoc -T lint -W warning man/*.[1-8]
    ;;

  includes)
    need python3
    python3 "$(dirname "$0")/includes.py"
    ;;

  *)
    echo "usage: $0 clang_format|clang_tidy|shellcheck|mandoc|includes [BUILD]" >&2
    exit 2
    ;;
esac
