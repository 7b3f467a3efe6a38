#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Packages of another release or another architecture, or what packages are made of, unpacked for a
# test and not installed:
#
#   debian_packages.sh RELEASE ARCHITECTURE|source DIRECTORY PACKAGE...
#
# They come from wherever this system's own packages come from, through apt, which keeps its lists,
# its cache and its state under DIRECTORY for this. DIRECTORY/root is then as the packages have it; of
# sources, DIRECTORY/root/PACKAGE is what their author released.
# Status 77: they cannot be had here, and the message says why. What is there is not fetched again.
set -euo pipefail
release=$1 architecture=$2 directory=$3
shift 3

cannot() {
  echo "Packages of Debian $release for $architecture cannot be had here: $*"
  exit 77
}

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
asked="$release $architecture $*"
[[ -e $directory/complete && $(<"$directory/complete") == "$asked" ]] && exit 0
rm -rf "$directory"
mkdir -p "$directory"/{state/lists/partial,cache/archives/partial,packages,root}

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || cannot "there is no $tool"
done
. "$(dirname "$0")/mirror.sh"
place=$(own_mirror)
[[ -n $place ]] || cannot "apt has no sources for the release of this system"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -e $keys ]] && signed=" signed-by=$keys" || signed=
if [[ $architecture == source ]]; then
  echo "deb-src [${signed# }] $place $release main" >"$directory/sources.list"
else
  echo "deb [arch=$architecture$signed] $place $release main" >"$directory/sources.list"
fi

apt_options=(-q
  -o "Dir::Etc::sourcelist=$directory/sources.list" -o Dir::Etc::sourceparts=-
  -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=-
  -o "Dir::State=$directory/state" -o Dir::State::status=/dev/null
  -o "Dir::Cache=$directory/cache"
  -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none
  -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
[[ $architecture == source ]] ||
  apt_options+=(-o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture")
apt-get "${apt_options[@]}" update -o APT::Update::Error-Mode=any >"$directory/log" 2>&1 ||
  cannot "$(tail -n 1 "$directory/log")"
fetch=(download)
[[ $architecture != source ]] || fetch=(source --download-only)
(cd "$directory/packages" && apt-get "${apt_options[@]}" "${fetch[@]}" "$@") \
  >>"$directory/log" 2>&1 || cannot "$(tail -n 1 "$directory/log")"
if [[ $architecture == source ]]; then
  for package in "$@"; do
    mkdir "$directory/root/$package"
    tar -xf "$directory/packages/$package"_*.orig.tar.* -C "$directory/root/$package" \
      --strip-components=1
  done
else
  for package in "$directory"/packages/*.deb; do dpkg-deb -x "$package" "$directory/root"; done
fi
echo "$asked" >"$directory/complete"
rm -rf "$directory/state" "$directory/cache"
