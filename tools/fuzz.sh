#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Gives every fuzz target, or those that are named, a number of inputs, and says what came of it:
#   ./tools/fuzz.sh [NUMBER [TARGET...]]
# FUZZ_CORPUS=DIR keeps, in DIR/TARGET, the inputs that reached something new.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

number=${1:-1000000}
shift || true
targets=("$@")
((${#targets[@]})) || targets=(address environment glob held ini override policy)

mapfile -t needed < <(packages_for fuzz)
install_packages "${needed[@]}"
build_preset fuzz
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%-12s %10s %8s %9s %8s\n' TARGET INPUTS SECONDS COVERAGE CORPUS
for target in "${targets[@]}"; do
  kept=
  if [[ -n ${FUZZ_CORPUS:-} ]]; then
    kept=$FUZZ_CORPUS/$target
    mkdir -p "$kept"
  fi
  begin=$SECONDS
  if ! FUZZ_CORPUS=$kept tests/fuzz/run.sh .build/fuzz/fuzzers "$target" \
    -runs="$number" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    exit 1
  fi
  # #1000000	DONE   cov: 51 ft: 336 corp: 136/3973b lim: 1000 exec/s: 27730 rss: 517Mb
  read -r runs _ _ coverage _ _ _ corpus _ < <(grep -a $'\tDONE ' "$log")
  printf '%-12s %10s %8s %9s %8s\n' \
    "$target" "${runs#\#}" "$((SECONDS - begin))" "$coverage" "${corpus%/*}"
done
