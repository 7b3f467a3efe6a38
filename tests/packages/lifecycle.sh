#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs, uses, upgrades, removes and purges the packages:
#
#   lifecycle.sh DIRECTORY     on this system, as a view of it that goes away with what was changed
#
# Run as root in a mount and a process namespace of its own (tests/portability/release.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=$(realpath "$1")

if [[ -z ${IN_VIEW:-} ]]; then
  . tools/packages.sh
  install_packages python3 iproute2 systemd
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
  cp "$packages"/*.deb "$view/root/packages"
  cp "$0" "$view/root/test/run"
  exec env IN_VIEW=yes chroot "$view/root" bash /test/run /packages
fi

cd /packages
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
debs=(libsockopt_*.deb sockopt_*.deb)

# A server that tells what its sockets have; it ends with its input.
cat >/test/server.py <<'PYTHON'
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=5)
print(listener.getsockname()[1], flush=True)
for line in sys.stdin:
    if line == "child\n":
        told = subprocess.run([sys.executable, "-c", "print('child')"], capture_output=True, text=True)
        print((told.stdout + told.stderr).replace("\n", " "), flush=True)
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

echo "Installing"
start NOTHING=
dpkg -i "${debs[@]}" >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
expect "a server that ran" "0 0 0 False" "$(ask state && echo "$answer")"
stop
[[ ! -e /etc/ld.so.preload ]] || fail "there is an /etc/ld.so.preload"
for unit in sockopt-watch.service sockopt-metrics.timer; do
  expect "$unit" disabled "$(systemctl is-enabled "$unit")"
done
systemd-analyze verify --man=no /usr/lib/systemd/system/sockopt-* || fail "units that systemd cannot read"
version=$(dpkg-query -W -f '${Version}' sockopt)
expect "the command's version" "sockopt $version" "$(sockopt --version | head -n 1)"
says "no settings" sockopt check
dpkg --verify sockopt libsockopt

echo "Using"
# By its name alone, by the loader's word for the directory, and by the command.
# shellcheck disable=SC2016 # the loader's
for library in libsockopt.so '/usr/$LIB/libsockopt.so'; do
  start "LD_PRELOAD=$library" SOCKOPT_KEEPALIVE=on SOCKOPT_BACKLOG=64
  expect "the queue with LD_PRELOAD=$library" 64 "$(backlog)"
  ask state
  expect "keepalive with LD_PRELOAD=$library" "1 1 1 True" "$answer"
  stop
done
printf '[sockopt]\nkeepalive = on\nbacklog = 65\n' >/etc/sockopt.ini
start sockopt run --
expect "the queue under sockopt run" 65 "$(backlog)"
says "65" sockopt explain --program python3 --listen 0.0.0.0:80

printf '[Service]\nExecStart=/usr/bin/python3 /test/server.py\n' \
  | tee /etc/systemd/system/{one,other}.service >/dev/null
sockopt enable --require one other >/test/log
drop_in=/etc/systemd/system/one.service.d/zz-sockopt.conf
systemctl enable sockopt-watch.service sockopt-metrics.timer 2>/test/log
mkdir -p /var/lib/prometheus/node-exporter
read -r -a collect < <(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/sockopt-metrics.service)
"${collect[@]}"
says "limit{" grep 'program="python3".* 65$' /var/lib/prometheus/node-exporter/sockopt.prom
rm /var/lib/prometheus/node-exporter/sockopt.prom
sockopt apply -o keepidle=61s "$SERVER_PID" >/test/log || fail "sockopt apply: $(</test/log)"
expect "sockopt-watch" enabled "$(systemctl is-enabled sockopt-watch)"

echo "Upgrading"
newer=$version+1
for deb in "${debs[@]}"; do
  dpkg-deb -R "$deb" /test/newer
  sed -i -e "s/^Version: .*/Version: $newer/" -e "s/(= $version)/(= $newer)/" /test/newer/DEBIAN/control
  dpkg-deb -b /test/newer "/test/newer_$deb" >/dev/null
  rm -r /test/newer
done
dpkg -i /test/newer_*.deb >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
expect "the version" "$newer" "$(dpkg-query -W -f '${Version}' libsockopt)"
ask state
expect "keepalive of the server that runs" "1 1 1 True" "$answer"
ask child
expect "what its child says" child "$answer"
expect "the administrator's configuration" "backlog = 65" "$(tail -n 1 /etc/sockopt.ini)"
expect "sockopt-watch" enabled "$(systemctl is-enabled sockopt-watch)"
[[ -e $drop_in ]] || fail "the upgrade took the drop-in away"

echo "Removing"
cp "$drop_in" /test/drop_in
echo Nice=5 >>"$drop_in"
says "was edited by hand" dpkg -r sockopt
expect "sockopt's state after that" installed "$(dpkg-query -W -f '${db:Status-Status}' sockopt)"
cp /test/drop_in "$drop_in"
sockopt enable --require other >/test/log
dpkg -r sockopt >/test/log 2>&1 || fail "dpkg -r: $(</test/log)"
says "removed: $drop_in" cat /test/log
says "systemctl restart one.service" cat /test/log
[[ ! -e $drop_in && ! -e ${drop_in/one/other} ]] || fail "a drop-in is left"
ask state
expect "keepalive of the server that runs" "1 1 1 True" "$answer"
echo libsockopt.so >/etc/ld.so.preload
says "/etc/ld.so.preload names the library" dpkg -r libsockopt
expect "libsockopt's state after that" installed "$(dpkg-query -W -f '${db:Status-Status}' libsockopt)"
rm /etc/ld.so.preload
dpkg -r libsockopt >/test/log 2>&1 || fail "dpkg -r: $(</test/log)"
ask state
expect "keepalive of the server that runs" "1 1 1 True" "$answer"
stop
# What systemd keeps of a service that was enabled waits for the next installation, as Debian has it.
expect "what a removal leaves" "/etc/sockopt.ini /var/lib/sockopt" "$(added | grep -v systemd | xargs)"
dpkg -P sockopt libsockopt >/test/log 2>&1 || fail "dpkg -P: $(</test/log)"
expect "what a purge leaves" "" "$(added)"
