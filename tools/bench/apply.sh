#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `sockopt apply --established` costs for many connections: the time for each, beside the bare
# system calls, and the memory. In a network namespace of its own, with sockets of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage="usage: tools/bench/apply.sh [--rounds N] [--sockets N]... [BUILD_DIRECTORY]
Needs root, a build with sockopt (default: .build/release) and cc. Without --sockets: 10000, 100000."

rounds=7
sockets=()
build=
while (($#)); do
  case $1 in
    --rounds | --sockets)
      [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] || { echo "$1 needs a number from 1" >&2; exit 2; }
      if [[ $1 == --rounds ]]; then rounds=$2; else sockets+=("$2"); fi
      shift 2
      ;;
    --help) echo "$usage"; exit 0 ;;
    -*) echo "$usage" >&2; exit 2 ;;
    *)
      [[ -z $build ]] || { echo "$usage" >&2; exit 2; }
      build=$1
      shift
      ;;
  esac
done
((${#sockets[@]})) || sockets=(10000 100000)
build=$(cd "${build:-$here/../../.build/release}" && pwd)
[[ -x $build/sockopt ]] || { echo "$build/sockopt: not built" >&2; exit 2; }
((EUID == 0)) || { echo "needs root, for a network namespace" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CC:-cc}" -O2 -o "$work/bare_apply" "$here/bare_apply.c"

ulimit -Sn "$(ulimit -Hn)"
for count in "${sockets[@]}"; do
  PYTHONDONTWRITEBYTECODE=1 unshare --net --pid --fork --mount-proc --kill-child \
    /usr/bin/python3 "$here/apply_rounds.py" "$build" "$work" "$count" "$rounds" \
    2> >(grep -v 'warning: keepalive ' >&2)
done
printf '\nAgain: tools/bench/apply.sh --rounds %s%s %s\n' "$rounds" \
  "$(printf ' --sockets %s' "${sockets[@]}")" "$build"
