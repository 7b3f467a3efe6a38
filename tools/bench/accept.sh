#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What accept costs under the shim: the time to take 1000 queued connections, and the system calls,
# beside the same without it and with one that sets six options on every connection.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
usage="usage: tools/bench/accept.sh [--rounds N] [BUILD_DIRECTORY]
Needs a build with demo_server, libsockopt.so and sockopt (default: .build/release), cc and strace."

rounds=60
build=
while (($#)); do
  case $1 in
    --rounds)
      rounds=${2-}
      [[ $rounds =~ ^[1-9][0-9]{0,5}$ ]] || { echo "--rounds needs a number from 1" >&2; exit 2; }
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
build=$(cd "${build:-$here/../../.build/release}" && pwd)
for file in demo_server libsockopt.so sockopt; do
  [[ -x $build/$file ]] || { echo "$build/$file: not built" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CC:-cc}" -O2 -shared -fPIC -o "$work/naive_shim.so" "$here/naive_shim.c" -ldl

# Thousands of connections are held open at both ends.
ulimit -Sn "$(ulimit -Hn)"
/usr/bin/python3 "$here/accept_rounds.py" "$build" "$work" "$rounds"
printf '\nAgain: tools/bench/accept.sh --rounds %s %s\n' "$rounds" "$build"
