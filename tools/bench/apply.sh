#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `sockopt apply` costs for many sockets: the time for each, beside the bare system calls
# that this takes, and the memory. Prints the section of RESULTS.md. Needs root, a build and cc.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/section.py" apply "$@"
