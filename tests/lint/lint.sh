#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What can be said about the sources without running them:
#
#   lint.sh clang_format|shellcheck|mandoc|includes
#   lint.sh clang_tidy BUILD   the library and the command, as this build compiles them
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
    tidied=$(mktemp -d)
    trap 'rm -rf "$tidied"' EXIT
    tests/lint/unity.py "$build" "$tidied" |
      xargs -n 1 -P "$(nproc)" -- clang-tidy -p "$tidied" --config-file=.clang-tidy --quiet \
        --extra-arg=-Wno-{unknown-warning-option,ignored-optimization-argument,sign-conversion,shadow} \
        --extra-arg=-D_Bool=bool \
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
    python3 tests/lint/includes.py
    ;;

  *)
    echo "usage: $0 clang_format|clang_tidy|shellcheck|mandoc|includes [BUILD]" >&2
    exit 2
    ;;
esac
