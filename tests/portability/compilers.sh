#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the library with a compiler at every level of optimization, without a warning, and runs a
# program with each:
#
#   compilers.sh C-COMPILER C++-COMPILER DIRECTORY [CMAKE ARGUMENT]...
#
# DIRECTORY is the build tree, and is used again.
set -euo pipefail
c=$1 cxx=$2 tree=$3
shift 3
. "$(dirname "$0")/connections.sh"

need cmake ninja "$c" "$cxx"
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)
log=$tree/build.log
configuration=$tree/sockopt.ini
write_configuration "$configuration"
"$c" -O1 "$here/victims/connections.c" -o "$tree/connections" -pthread

# As it is installed, every other test has the library from gcc.
levels=(-O0 -O1 -O2 -O3 -Os)
[[ $c == gcc ]] || levels+=('')
for level in "${levels[@]}"; do
  echo "$c ${level:-as it is installed}"
  {
    cmake -S "$here/../.." -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_C_COMPILER="$c" -DCMAKE_CXX_COMPILER="$cxx" -DSOCKOPT_OPTIMIZATION="$level" \
      -DSOCKOPT_LIBRARY_ONLY=ON -DBUILD_TESTING=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@" &&
      cmake --build "$tree" --parallel "$(nproc)" --target sockopt_preload
  } >"$log" 2>&1 || {
    tail -n 60 "$log"
    exit 1
  }
  if grep -q 'warning:' "$log"; then
    grep -A 5 'warning:' "$log"
    exit 1
  fi
  expect_connections "$tree/libsockopt.so" env -- "$tree/connections"
done
