#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs every test: installs what they need, builds, and hands over to ctest, whose summary is the
# last thing printed.  Arguments go to ctest: ./tools/test.sh -L unit
# PRESET=asan ./tools/test.sh builds and tests another preset of CMakePresets.json.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

preset=${PRESET:-release}
install_packages "${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}" "${fuzz_packages[@]}"
unpack_packages .build/debian_daemons "${unpacked_packages[@]}" ||
  echo "The tests of Debian's own units are skipped."
echo "Building ($preset) ..."
build_preset "$preset"
exec ctest --preset "$preset" --parallel "$(nproc)" "$@"
