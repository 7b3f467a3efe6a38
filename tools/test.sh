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

# Some tests become other users, who have to be able to come here. Where a directory on the way is
# closed to them, as /root is, the tests see an empty one in its place, with nothing in it but this.
outermost_closed() {
  local directory=$PWD closed=
  while [[ $directory != / ]]; do
    ((8#$(stat -c %a "$directory") & 1)) || closed=$directory
    directory=$(dirname "$directory")
  done
  echo "$closed"
}
enter=()
closed=$(outermost_closed)
if ((EUID == 0)) && [[ -n $closed ]]; then
  # shellcheck disable=SC2016 # for the shell inside
  opened='umask 022 && mount --bind "$2" /mnt && mount -t tmpfs -o mode=755 none "$1" &&
    mkdir -p "$2" && mount --move /mnt "$2" && cd "$2" && shift 2 && exec "$@"'
  enter=(unshare --mount --propagation private -- sh -c "$opened" sh "$closed" "$PWD")
  if ! "${enter[@]}" true; then
    echo "$closed is closed to other users: tests that become one of them will fail."
    enter=()
  fi
fi
exec "${enter[@]}" ctest --preset "$preset" --parallel "$(nproc)" "$@"
