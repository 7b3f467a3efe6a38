# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with who sources this
#
# Sourced by the tests that install something: runs them again in a view of this system, which goes away
# with all that was changed, where /packages holds the packages; and what they share there.
#
# Run as root in a mount and a process namespace of its own (tests/portability/release.sh), with the
# directory of the packages.
set -euo pipefail

if [[ -z ${IN_VIEW:-} ]]; then
  packages=$(realpath "$1")
  cd "$(dirname "$0")/../.."
  . tools/packages.sh
  install_packages python3 iproute2 systemd "${packages_here[@]}"
  ((${#unpacked_here[@]} == 0)) || unpack_packages /var/cache/unpacked "${unpacked_here[@]}"
  # The C library of 32-bit programs.
  if ! is_installed libc6:i386; then
    dpkg --add-architecture i386
    DEBIAN_FRONTEND=noninteractive bash -c 'apt-get update -qq && apt-get install -y -qq libc6:i386' \
      >/tmp/log 2>&1 || { cat /tmp/log && exit 1; }
  fi
  view=/tmp/view
  mkdir "$view"
  mount -t tmpfs none "$view"
  mkdir "$view"/{upper,work,root}
  if ! mount -t overlay overlay -o "lowerdir=/,upperdir=$view/upper,workdir=$view/work" "$view/root"; then
    echo "Skipped: the kernel does not let a file system be laid over this one"
    exit 77
  fi
  for directory in proc dev; do mount --rbind "/$directory" "$view/root/$directory"; done
  mkdir -p "$view/root/packages" "$view/root/test"
  cp "$packages"/*.{deb,tar.gz,rpm} "$packages"/*32 "$view/root/packages"
  cp "$0" tests/packages/view.sh "$view/root/test"
  exec env IN_VIEW=yes chroot "$view/root" bash "/test/$(basename "$0")"
fi

cd /packages
# A 32-bit program, and the words by which it is started here.
other_child=/packages/child32
start_other=("$other_child")
[[ ! -e /packages/emulator32 ]] || start_other=(/packages/emulator32 "$other_child")
fail() {
  echo "Failed: $*"
  exit 1
}
# expect WHAT EXPECTED FOUND
expect() { [[ $3 == "$2" ]] || fail "$1 is '$3', and not '$2'"; }
# says TEXT COMMAND...: it fails, or succeeds, as it may; but it says so.
says() {
  local text=$1 said
  shift
  said=$("$@" 2>&1) || true
  [[ $said == *"$text"* ]] || fail "'$*' does not say '$text': $said"
}
# added: what has come below / since the beginning with such a name, but for dpkg's own lists.
named() {
  find / -xdev \( -path /packages -o -path /test -o -path /src -o -path /var/lib/dpkg/info \) -prune \
    -o -name '*sockopt*' -print | sort
}
added() { comm -13 /test/before <(named); }
named >/test/before
architecture=$(dpkg --print-architecture)
debs=(libsockopt_*_"$architecture".deb sockopt_*.deb)
other_deb=(libsockopt_*_i386.deb)

# A server that tells what its sockets have; it ends with its input.
cat >/test/server.py <<'PYTHON'
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=5)
print(listener.getsockname()[1], flush=True)
for line in sys.stdin:
    if line.startswith("/"):
        told = subprocess.run(line.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(told.stdout.strip().replace("\n", " | "), flush=True)
        continue
    client = socket.create_connection(listener.getsockname())
    accepted, _ = listener.accept()
    print(*[s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for s in (listener, accepted, client)],
          "libsockopt.so" in open("/proc/self/maps").read(), flush=True)
PYTHON
# start VARIABLE=VALUE...: starts it; its port is in $port.
start() {
  coproc SERVER { exec env "$@" python3 /test/server.py 2>&1; }
  read -r -t 60 port <&"${SERVER[0]}" || fail "the server does not start with $*"
  [[ $port =~ ^[0-9]+$ ]] || fail "the server says: $port"
}
# ask LINE: what it answers is in $answer.
ask() {
  echo "$1" >&"${SERVER[1]}"
  read -r -t 60 answer <&"${SERVER[0]}" || fail "the server does not answer $1"
}
stop() {
  local pid=$SERVER_PID input=${SERVER[1]}
  exec {input}>&-
  wait "$pid" || fail "the server ended with $?"
}
backlog() { ss -Hltn "sport = :$port" | awk '{ print $3 }'; }
