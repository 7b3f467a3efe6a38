#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The alerts, and that each metric they look at is one that sockopt(1) knows:
#
#   alerts.sh DIRECTORY     which is the test's own
set -euo pipefail
directory=$1
cd "$(dirname "$0")/../.."
rules=tools/monitoring/sockopt.rules.yml

if ! command -v promtool >/dev/null; then
  echo "Skipped: promtool is not installed"
  exit 77
fi
mkdir -p "$directory"
cp "$rules" tests/show/alerts.test.yml "$directory"
promtool check rules "$directory/sockopt.rules.yml"
promtool test rules "$directory/alerts.test.yml"

mapfile -t metrics < <(grep -oE '\bsockopt_[a-z_]+' "$rules" | sort -u)
((${#metrics[@]} > 5))
for metric in "${metrics[@]}"; do
  grep -qwF -e "$metric" man/sockopt.1 || {
    echo "Failed: there is no metric $metric"
    exit 1
  }
done
while read -r alert; do
  grep -qF "$alert" tests/show/alerts.test.yml || {
    echo "Failed: $alert is not tested"
    exit 1
  }
done < <(sed -n 's/^ *- alert: //p' "$rules")
