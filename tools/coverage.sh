#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Which lines of shim/ the tests run: a table of files with the lines that were not, and status 1
# where fewer than LIMIT per cent were run (95).  Arguments go to ctest: ./tools/coverage.sh -L unit
#
# Every process that the library is loaded into adds its counts when it exits, also as another user:
# what it writes to is made writable for everybody.  Processes that are killed, that exec or _exit
# add nothing.  The library's size, symbols and costs are not its own in such a build, and are not
# tested; a test that is disturbed by what is written at exit is named, and its counts hold.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

chosen=("$@")
((${#chosen[@]})) || chosen=(-LE 'bounds|documentation|foreign|fuzz|lint|portability|sanitizers')
install_packages "${coverage_packages[@]}"
# Installs and builds what the chosen tests need, and runs none yet.
PRESET=coverage ./tools/test.sh --show-only --quiet "${chosen[@]}"

counted=.build/coverage/shim
find .build/coverage -name '*.gcda' -delete
find "$counted" -type d -exec chmod a+rwx {} +
umask 000
ctest --preset coverage --parallel "$(nproc)" --quiet "${chosen[@]}" || true
failed=.build/coverage/Testing/Temporary/LastTestsFailed.log
if [[ -s $failed ]]; then
  echo "Not passed in this build:"
  sed 's/^[0-9]*:/  /' "$failed"
fi

gcovr --root . --filter shim/ --fail-under-line "${LIMIT:-95}" "$counted"
