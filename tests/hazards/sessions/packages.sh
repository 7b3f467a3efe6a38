#!/bin/bash
# SPDX-License-Identifier: MIT
#
# packages.sh DIRECTORY: apt and dpkg, as far as they change nothing. apt runs its helpers as
# another user, under a seccomp filter if it is told to.
cd "$1" || exit 1
export LC_ALL=C

apt-config dump | grep '^APT::Architecture '
# Of what is installed; the lists of what could be are long.
mkdir lists cache
apt-get -s -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD/cache" remove strace | tail -1
dpkg-query -W -f '${Status}\n' bash
mkdir -p package/DEBIAN package/usr/share/empty
printf 'Package: empty\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n' \
  >package/DEBIAN/control
dpkg-deb --root-owner-group -Znone -b package empty.deb && dpkg-deb -I empty.deb | grep Version
# Fetched by the method of that name, which installs a seccomp filter.
echo content >file
/usr/lib/apt/apt-helper -o APT::Sandbox::Seccomp=true -o APT::Sandbox::User=root \
  download-file "file:$PWD/file" fetched | sed "s|$PWD|HERE|g"
echo "${PIPESTATUS[0]}"
