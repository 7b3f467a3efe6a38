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
    # Of C++ only, and nothing twice: the core is built once more for the library.
    python3 - "$build/compile_commands.json" <<'PYTHON' >"$build/tidied"
import json
import sys

for entry in json.load(open(sys.argv[1])):
    if entry["file"].endswith((".cc", ".cxx")):
        print(entry["file"])
PYTHON
    sort -u "$build/tidied" | xargs -n 1 -P "$(nproc)" -- \
      clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null
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
