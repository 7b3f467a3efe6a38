# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by the tests of this folder: runs victims/connections.c, built for whichever system, and
# holds what it prints against connections.expected.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() {
  echo "Skipped: $*"
  exit 77
}

# need PROGRAM...: all of them, or the test is skipped.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
}

# expect COLUMN COMMAND...: the command prints what that column says, and nothing on its standard
# error. `not_expected` may hold names of lines that cannot be had there.
not_expected=()
expect() {
  local column=$1 wanted printed complaints name
  shift
  case $column in without) column=2 ;; with) column=3 ;; enforced) column=4 ;; esac
  wanted=$(awk -v column="$column" '!/^#/ { print $1, $column }' "$here/connections.expected")
  complaints=$(mktemp)
  if ! printed=$(timeout 120 "$@" 2>"$complaints") || [[ -s $complaints ]]; then
    cat "$complaints"
    echo "$printed"
    echo "Failed: $*"
    rm -f "$complaints"
    return 1
  fi
  rm -f "$complaints"
  for name in "${not_expected[@]}"; do
    wanted=$(grep -v "^$name " <<<"$wanted")
    printed=$(grep -v "^$name " <<<"$printed")
  done
  if ! diff <(echo "$wanted") <(echo "$printed"); then
    echo "Differs (< expected, > printed): $*"
    return 1
  fi
  echo "As expected: $*"
}

# expect_connections LIBRARY SETTER... -- COMMAND...: without it, with variables, with a file,
# and enforced. The setter is how variables are given to the command: `env`, for most.
# The file is at $configuration, as the command sees it.
# shellcheck disable=SC2154 # $configuration, of who sources this
expect_connections() {
  local library=$1 setter=()
  shift
  while [[ $1 != -- ]]; do
    setter+=("$1")
    shift
  done
  shift
  local shim=LD_PRELOAD=$library
  local variables=(SOCKOPT_KEEPALIVE=on SOCKOPT_KEEPIDLE=61s SOCKOPT_BACKLOG=64)
  expect without "${setter[@]}" "$@"
  expect with "${setter[@]}" "$shim" "${variables[@]}" "$@"
  expect with "${setter[@]}" "$shim" "SOCKOPT_CONFIG=$configuration" "$@"
  expect enforced "${setter[@]}" "$shim" "${variables[@]}" SOCKOPT_ENFORCE=1 "$@"
}

# write_configuration FILE: the same settings, from one rule for every program.
write_configuration() {
  cat >"$1" <<'INI'
[sockopt]
keepalive = on
backlog = 64
[rule every program]
program = *
keepidle = 61s
INI
}
