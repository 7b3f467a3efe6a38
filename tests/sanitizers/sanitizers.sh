#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the library's tests of a label with sanitizers, and runs them:
#
#   sanitizers.sh LABEL DIRECTORY [CMAKE ARGUMENT]...
#
# DIRECTORY is the build tree, and is used again.
set -euo pipefail
label=$1 tree=$2
shift 2
mkdir -p "$tree"
log=$tree/build.log
{
  cmake -S "$(dirname "$0")/../.." -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-g1 -DCMAKE_CXX_FLAGS_DEBUG=-g1 \
    -DSOCKOPT_SANITIZE=address,undefined -DSOCKOPT_LIBRARY_ONLY=ON \
    -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@" &&
    cmake --build "$tree" --parallel "$(nproc)" --target "label_$label"
} >"$log" 2>&1 || {
  tail -n 60 "$log"
  exit 1
}
exec ctest --test-dir "$tree" --parallel "$(nproc)" --output-on-failure --no-tests=error \
  --progress -L "^$label\$"
