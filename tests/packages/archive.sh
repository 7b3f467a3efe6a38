#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A release of Debian that is older than the one the packages were built on: its C library is too old for
# the command's package, and not for the library's, nor for the archive.
#
#   archive.sh DIRECTORY
packages_here=()
unpacked_here=()
. "$(dirname "$0")/view.sh"

echo "The packages"
says "Depends: libc6 (>= " apt-get -s install "${debs[@]/#/./}"
dpkg -i libsockopt_*.deb >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
start LD_PRELOAD=libsockopt.so SOCKOPT_KEEPALIVE=on SOCKOPT_BACKLOG=64
expect "the queue" 64 "$(backlog)"
ask state
expect "keepalive" "1 1 1 True" "$answer"
ask "${start_other[*]}"
expect "a 32-bit child" "32 bits 1" "$answer"
stop
dpkg -P libsockopt:{"$architecture",i386} >/test/log 2>&1 || fail "dpkg -P: $(</test/log)"
expect "what a purge leaves" "" "$(added)"

echo "The archive"
tar -C /usr/local --strip-components=1 -xzf ./*.tar.gz
cp /usr/local/share/doc/sockopt/examples/sockopt.ini /etc
expect "options that are switched on" "" "$(sockopt explain --program x 2>&1 | grep keepalive || true)"
printf '[sockopt]\nkeepalive = on\nbacklog = 65\n' >/etc/sockopt.ini
sockopt check --strict
start sockopt run --
expect "the queue" 65 "$(backlog)"
ask state
expect "keepalive" "1 1 1 True" "$answer"
says "libsockopt.so is loaded" sockopt doctor "$SERVER_PID"
sockopt apply -o keepidle=61s "$SERVER_PID" >/test/log || fail "sockopt apply: $(</test/log)"
stop
printf '[Service]\nExecStart=/usr/bin/python3 /test/server.py\n' >/etc/systemd/system/one.service
sockopt enable --require one >/test/log
read -r -a words < <(sed -n 's/^ExecStartPre=+//p' /etc/systemd/system/one.service.d/zz-sockopt.conf)
"${words[@]}" || fail "what is to precede the service fails: ${words[*]}"
sockopt disable --all >/test/log
# As README.md has it.
tar -tzf ./*.tar.gz | sed -n 's|^[^/]*/\(.*[^/]\)$|/usr/local/\1|p' | xargs rm
rm -r /etc/sockopt.ini /var/lib/sockopt /etc/systemd/system/one.service*
expect "what is left" "" "$(added | grep -v '^/usr/local/share/\(doc/\)\?sockopt$' || true)"
