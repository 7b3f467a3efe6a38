#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs, uses, upgrades and erases the RPM packages, with a database of their own:
#
#   rpm.sh DIRECTORY
packages_here=(rpm)
unpacked_here=()
. "$(dirname "$0")/view.sh"

# What the packages need, Debian has under other names.
run_rpm() { rpm --dbpath /test/rpmdb "$@"; }
mapfile -t rpms < <(ls /packages/*.rpm)
((${#rpms[@]} == 2)) || fail "the packages are ${rpms[*]}"
run_rpm --initdb

echo "Installing"
run_rpm -i --nodeps "${rpms[@]}" >/test/log 2>&1 || fail "rpm -i: $(</test/log)"
version=$(run_rpm -q --qf '%{VERSION}' sockopt)
expect "the command's version" "sockopt $version" "$(sockopt --version | head -n 1)"
run_rpm -V --nodeps sockopt libsockopt || fail "the files are not as they were packed"
printf '[sockopt]\nkeepalive = on\nbacklog = 65\n' >/etc/sockopt.ini
start sockopt run --
expect "the queue under sockopt run" 65 "$(backlog)"
ask state
expect "keepalive" "1 1 1 True" "$answer"
says "/usr/lib64/libsockopt.so" cat "/proc/$SERVER_PID/maps"

echo "Upgrading"
run_rpm -U --nodeps --replacepkgs "${rpms[@]}" >/test/log 2>&1 || fail "rpm -U: $(</test/log)"
expect "the administrator's configuration" "backlog = 65" "$(tail -n 1 /etc/sockopt.ini)"
ask state
expect "keepalive of the server that runs" "1 1 1 True" "$answer"
stop

echo "Erasing"
printf '[Service]\nExecStart=/usr/bin/python3 /test/server.py\n' >/etc/systemd/system/one.service
sockopt enable one >/test/log
drop_in=/etc/systemd/system/one.service.d/zz-sockopt.conf
cp "$drop_in" /test/drop_in
echo Nice=5 >>"$drop_in"
says "was edited by hand" run_rpm -e sockopt
expect "sockopt after that" "$version" "$(run_rpm -q --qf '%{VERSION}' sockopt)"
cp /test/drop_in "$drop_in"
echo libsockopt.so >/etc/ld.so.preload
says "/etc/ld.so.preload names the library" run_rpm -e --nodeps libsockopt
rm /etc/ld.so.preload
run_rpm -e sockopt libsockopt >/test/log 2>&1 || fail "rpm -e: $(</test/log)"
[[ ! -e $drop_in ]] || fail "the drop-in is left"
expect "what is left" "/etc/sockopt.ini.rpmsave" "$(added | grep -v '/one.service' | xargs)"
