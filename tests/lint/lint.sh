#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What can be said about the sources without running them:
#
#   lint.sh clang_format | shellcheck | mandoc | includes
#   lint.sh clang_tidy BUILD     what BUILD/compile_commands.json has
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
    # Of C++ only, and nothing twice: the core is built once more for the library.
    python3 - "$build/compile_commands.json" <<'PYTHON' >"$build/tidied"
import json
import sys

for entry in json.load(open(sys.argv[1])):
    if entry["file"].endswith((".cc", ".cxx")):
        print(entry["file"])
PYTHON
    sort -u "$build/tidied" | xargs -n 1 -P "$(nproc)" -- sh -c '
      clang-tidy -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null' "$build"
    ;;

  shellcheck)
    need shellcheck
    scripts | xargs shellcheck --external-sources --source-path=SCRIPTDIR:.
    ;;

  mandoc)
    need mandoc
    # A sentence is a line, however long it is; and whether the pages of others are in the index here
    # is nothing about ours.
    ! mandoc -T lint -W style man/*.[1-8] | grep -vE 'line longer than 80 bytes|lacks .* entry'
    ;;

  includes)
    need python3
    python3 "$(dirname "$0")/includes.py"
    ;;

  *)
    sed -n 's/^#   /usage: /p' "$0" >&2
    exit 2
    ;;
esac
