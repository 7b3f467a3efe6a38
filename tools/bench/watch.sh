#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# How long new listeners wait for what `sockopt watch` sets, its memory, and what `attach
# --established` takes. Prints the section of RESULTS.md. Needs root, a build with the bpf engine,
# and cc.
set -euo pipefail
exec /usr/bin/python3 "$(dirname "$0")/section.py" watch "$@"
