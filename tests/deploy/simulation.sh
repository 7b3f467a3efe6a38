#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The table of the simulated fleet is what the simulation prints.
set -euo pipefail
cd "$(dirname "$0")/../../tools/ansible"
diff <(sed -n '/^<!-- by simulate.py/,/^<!-- to here/p' README.md | sed '1d;$d') <(./simulate.py) || {
  echo "Failed: README.md has another table (<) than simulate.py prints (>)"
  exit 1
}
# A fault that shows before anything is written changes no host; one that shows at once and is everywhere, one.
printed=$(./simulate.py 10)
grep -q '^| an error in the file .* | 0 (at most 0) | 0 ' <<<"$printed"
grep -q '^| an option that hurts all under load .* | 1 (at most 1) |' <<<"$printed"
