#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `sockopt show` costs for many sockets: the time for each, beside the bare system calls and
# beside ss(8) on the same sockets, and the memory. Prints the section of RESULTS.md. Needs root, a
# build, cc and ss.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/section.py" show "$@"
