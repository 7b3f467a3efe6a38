#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Runs the tests: installs what they need, builds, and hands over to ctest, whose summary is the last
# thing printed.  Arguments go to ctest.  With -L or -LE, which choose labels (the folders of tests/), only
# what the tests of those labels need is installed and built: ./tools/test.sh -L unit
# PRESET=asan ./tools/test.sh builds and tests another preset of CMakePresets.json.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

# labels_for ARGUMENT...: those that ctest would choose.
labels_for() {
  local label chosen=("${!label_packages[@]}") left
  while (($#)); do
    case $1 in
      -L | --label-regex | -LE | --label-exclude)
        left=()
        for label in "${chosen[@]}"; do
          if [[ $label =~ ${2:-} ]]; then
            [[ $1 == -LE || $1 == --label-exclude ]] || left+=("$label")
          else
            [[ $1 == -L || $1 == --label-regex ]] || left+=("$label")
          fi
        done
        chosen=("${left[@]}")
        shift
        ;;
    esac
    shift
  done
  printf '%s\n' "${chosen[@]}"
}

preset=${PRESET:-release}
mapfile -t labels < <(labels_for "$@")
mapfile -t needed < <(packages_for "${labels[@]}")
install_packages "${needed[@]}"
if [[ " ${labels[*]} " == *' enable '* ]]; then
  unpack_packages .build/debian_daemons "${unpacked_packages[@]}" ||
    echo "The tests of Debian's own units are skipped."
fi
if [[ " ${labels[*]} " == *' deploy '* ]]; then
  unpack_packages .build/kubernetes kubernetes-client || echo "The manifests are not tested."
fi
if [[ " ${labels[*]} " == *' bpf '* ]]; then
  mapfile -t kernel < <(kernel_package)
  { ((${#kernel[@]})) && unpack_packages .build/debian_kernel "${kernel[@]}"; } ||
    echo "The bpf engine is not tested on Debian's kernel."
fi
targets=()
if ((${#labels[@]} < ${#label_packages[@]})); then
  targets=(--target "${labels[@]/#/label_}")
fi
echo "Building ($preset) ..."
build_preset "$preset" -- "${targets[@]}"

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
# One more than there are processors: most tests wait for other processes longer than they compute.
exec "${enter[@]}" ctest --preset "$preset" --parallel "$(($(nproc) + 1))" "$@"
