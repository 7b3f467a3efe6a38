# SPDX-License-Identifier: MIT
"""The parts of tools/bench/presets.py."""
