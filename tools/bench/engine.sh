#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the bpf engine costs the processes of its cgroup: accept, whole connections, clients and
# other sockets, beside the bare program and the library. Prints the section of RESULTS.md. Needs
# root, cgroup2, a build with the engine, and cc.
set -euo pipefail
enter=(unshare --net)
((EUID == 0)) || enter=(unshare --net --user --map-root-user)
exec "${enter[@]}" -- sh -c 'ip link set lo up && exec "$@"' - \
  /usr/bin/python3 "$(dirname "$0")/section.py" engine "$@"
