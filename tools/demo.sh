#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds, starts Python's web server twice, as it is and with the library, and prints what the kernel
# says of its sockets, read from outside the two processes.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

install_packages "${build_packages[@]}" "${demo_packages[@]}"
echo "Building ..."
build_preset release -DBUILD_TESTING=OFF -DSOCKOPT_BPF=OFF -- --target sockopt_preload sockopt compare_sockets
build=.build/release

work=$(mktemp -d)
pids=()
finish() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cat >"$work/sockopt.ini" <<'INI'
[sockopt]
keepalive    = on
keepidle     = 60s
keepintvl    = 10s
keepcnt      = 5
nodelay      = on
user_timeout = 120s
backlog      = 1024
INI

# start LABEL COMMAND...: starts a server on a port of the kernel's choice and holds one connection
# to it.  Leaves its process id in $server.
start() {
  local label=$1 port='' fd
  shift
  : >"$work/$label"  # looked at before the server may have got to make it
  "$@" >"$work/$label" 2>&1 &
  server=$!
  pids+=("$server")
  for _ in {1..100}; do
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/$label")
    [[ -z $port ]] || break
    sleep 0.05
  done
  [[ -n $port ]] || { cat "$work/$label" >&2; return 1; }
  exec {fd}<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET / HTTP/1.1\r\nHost: demo\r\n\r\n' >&"$fd"
  head -c 15 <&"$fd" >"$work/$label.answer"
  grep -q 'HTTP/1.. 200' "$work/$label.answer"
}

web=(/usr/bin/python3 -u -m http.server --protocol HTTP/1.1 --bind 127.0.0.1 --directory "$work" 0)
start without env -u LD_PRELOAD "${web[@]}"
without=$server
start with "$build/sockopt" run -c "$work/sockopt.ini" -- "${web[@]}"
with=$server

printf '\nThis sockopt.ini:\n\n'
sed 's/^/    /' "$work/sockopt.ini"
# shellcheck disable=SC2016 # for the reader
printf '\nand an unmodified server, `%s`,\nwithout the library and with `sockopt run -c sockopt.ini -- ...`, as the kernel has it:\n\n' \
  'python3 -m http.server'
"$build/compare_sockets" "$without" "$with"
printf '\nBoth servers answered. The accepted connection inherited its options from the listener:\n'
printf 'accept made no system call more than before.\n'
