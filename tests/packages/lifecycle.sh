#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs, uses, upgrades, removes and purges the packages:
#
#   lifecycle.sh DIRECTORY
packages_here=()
unpacked_here=()
. "$(dirname "$0")/view.sh"

echo "Installing"
start NOTHING=
dpkg -i "${debs[@]}" >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
expect "a server that ran" "0 0 0 False" "$(ask state && echo "$answer")"
stop
[[ ! -e /etc/ld.so.preload ]] || fail "there is an /etc/ld.so.preload"
for unit in sockopt-attach.service sockopt-watch.service sockopt-metrics.timer; do
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

echo "Beside 32-bit programs"
start sockopt run --
ask "${start_other[*]}"
expect "a 32-bit child without its library" "32 bits 0" "${answer##* | }"
[[ $answer == *"wrong ELF class"* ]] || fail "the loader of a 32-bit child says nothing: $answer"
stop
says "it is a 32-bit x86 program and the library is 64-bit" sockopt doctor -- "$other_child"
dpkg -i "${other_deb[@]}" >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
expect "a 32-bit program" "32 bits 1" "$(sockopt run -- "${start_other[@]}" 2>/test/log)"
says "is a dynamically linked 32-bit x86 program" sockopt doctor -- "$other_child"
# shellcheck disable=SC2016 # the loader's
for way in 'env LD_PRELOAD=/usr/$LIB/libsockopt.so' 'sockopt run --'; do
  read -r -a words <<<"$way"
  start "${words[@]}"
  ask "${start_other[*]}"
  expect "a 32-bit child under $way" "32 bits 1" "$answer"
  ask state
  expect "keepalive under $way" "1 1 1 True" "$answer"
  says "libsockopt.so is loaded" sockopt doctor "$SERVER_PID"
  stop
done
debs+=("${other_deb[@]}")

start sockopt run --
expect "the queue under sockopt run" 65 "$(backlog)"
says "65" sockopt explain --program python3 --listen 0.0.0.0:80

printf '[Service]\nExecStart=/usr/bin/python3 /test/server.py\n' \
  | tee /etc/systemd/system/{one,other}.service >/dev/null
sockopt enable --require one other >/test/log
drop_in=/etc/systemd/system/one.service.d/zz-sockopt.conf
says 'LD_PRELOAD=libsockopt.so"' cat "$drop_in"
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
expect "the version" "$newer" "$(dpkg-query -W -f '${Version}' "libsockopt:$architecture")"
ask state
expect "keepalive of the server that runs" "1 1 1 True" "$answer"
ask "/usr/bin/env echo child"
expect "what its child says" child "$answer"
ask "${start_other[*]}"
expect "a 32-bit child of it" "32 bits 1" "$answer"
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
dpkg -r libsockopt:i386 >/test/log 2>&1 || fail "dpkg -r: $(</test/log)"
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
