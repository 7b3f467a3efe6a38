# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced: where this system's own packages come from.

own_release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

own_mirror() {
  # shellcheck disable=SC2016 # apt's own
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $own_release" \
    'Component: main' 2>/dev/null | head -n 1
}
