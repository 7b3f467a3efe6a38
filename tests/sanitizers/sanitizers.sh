#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the library's tests of a label with sanitizers, and runs them:
#
#   sanitizers.sh LABEL DIRECTORY [CMAKE ARGUMENT]...
#
# DIRECTORY is the build tree, and is used again.  A program that starts under AddressSanitizer takes half
# a second for it: all tests run in one process for each processor, and not in one for each test.
set -euo pipefail
label=$1 tree=$2
shift 2
mkdir -p "$tree"
log=$tree/build.log
{
  cmake -S "$(dirname "$0")/../.." -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_FLAGS_RELEASE='-O1 -g1' -DCMAKE_CXX_FLAGS_RELEASE='-O1 -g1' \
    -DSOCKOPT_OPTIMIZATION=-O1 -DSOCKOPT_SANITIZE=address,undefined -DSOCKOPT_LIBRARY_ONLY=ON "$@" &&
    cmake --build "$tree" --parallel "$(nproc)" --target "label_$label"
} >"$log" 2>&1 || {
  tail -n 60 "$log"
  exit 1
}

shards=$(nproc)
processes=()
for ((shard = 0; shard < shards; ++shard)); do
  GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard "$tree/${label}_tests" \
    >"$tree/$label.$shard.log" 2>&1 &
  processes+=($!)
done
status=0
for ((shard = 0; shard < shards; ++shard)); do
  wait "${processes[shard]}" && continue
  status=1
  grep -vE '^\[( RUN  |   OK |------)' "$tree/$label.$shard.log"
done

# What was skipped, with the reason, which is the line after it.
logs=("$tree/$label."[0-9]*.log)
sed -n '/: Skipped$/{n;p}' "${logs[@]}" | sort | uniq -c | sed 's/^/Skipped:/'
passed=$(cat "${logs[@]}" | grep -c '^\[       OK \]') || true
echo "$passed tests passed with sanitizers."
((passed)) || status=1
exit "$status"
