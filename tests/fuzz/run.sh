#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs one fuzz target from the corpus, with the keys of the option table as its words:
#   run.sh DIRECTORY-OF-THE-FUZZERS TARGET [ARGUMENT-OF-LIBFUZZER...]
# New inputs go into FUZZ_CORPUS, or are thrown away.  An input that fails is printed in base64.
set -euo pipefail
fuzzers=$1 target=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/found" "$work/seeds"
found=${FUZZ_CORPUS:-$work/found}

cp -r "$here/corpus/$target" "$work/seeds/own"
if [[ $target == ini ]]; then
  # What is wrong in every way that there is, and what is right in every one.
  cp "$root"/tests/unit/config/golden/*.ini "$root/sockopt.ini" "$work/seeds/"
fi

keys=$(sed -n 's/^  {\.option = {\.key = "\([a-z0-9_]*\)".*/\1/p' "$root/shim/options/table.h")
[[ -n $keys ]] || { echo "run.sh: no keys in shim/options/table.h" >&2; exit 1; }
for key in $keys; do
  printf '"%s="\n"SOCKOPT_%s="\n' "$key" "${key^^}"
done >"$work/words.dict"

status=0
"$fuzzers/${target}_fuzz" -dict="$work/words.dict" -max_len=1000 -timeout=60 \
  -artifact_prefix="$work/" "$@" "$found" "$work/seeds" || status=$?
for input in "$work"/{crash,timeout,oom,leak}-*; do
  [[ -e $input ]] && { echo "$target: ${input##*/}:"; base64 "$input"; }
done
exit "$status"
