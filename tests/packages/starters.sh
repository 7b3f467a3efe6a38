#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What starts programs in place of systemd starts one with its options, by the lines of sockopt-guide(7):
#
#   starters.sh DIRECTORY
packages_here=(runit supervisor cron openbsd-inetd sudo)
# It cannot be installed beside the other inetd.
unpacked_here=(xinetd)
. "$(dirname "$0")/view.sh"

dpkg -i "${debs[@]}" >/test/log 2>&1 || fail "dpkg -i: $(</test/log)"
printf '[sockopt]\nkeepalive = on\n' >/etc/sockopt.ini
# lines STARTER: what the guide has for it.
lines() {
  gzip -cd /usr/share/man/man7/sockopt-guide.7.gz |
    awk -v name="$1" '/^\.It/ { here = $2 == name } here && /^\.Ed/ { exit }
      here && shown { print } here && /^\.Bd/ { shown = 1 }'
}

# The program says what a new socket has, or the one that it is given as its standard input.
told=/test/told
mkdir -m 1777 "$told"
cat >/usr/sbin/vendord <<PYTHON
#!/usr/bin/python3
import os, socket, stat
given = stat.S_ISSOCK(os.fstat(0).st_mode)
one = socket.socket(fileno=os.dup(0)) if given else socket.socket()
name = "$told/" + str(os.getpid())
with open(name + ".part", "w") as out:
    print("connection" if given else "socket", one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
          "as", os.getuid(), file=out)
os.rename(name + ".part", name)
PYTHON
chmod +x /usr/sbin/vendord
# expect_told WHO WHAT: the program comes to say so, within half a minute.
expect_told() {
  local found='' attempt
  for ((attempt = 0; attempt < 300; ++attempt)); do
    found=$(find "$told" -type f ! -name '*.part' -exec cat {} + | sort -u)
    [[ -n $found ]] && break
    sleep 0.1
  done
  expect "what $1 starts" "$2" "$found"
  rm -f "$told"/*
  echo "$1: $found"
}

# ended PID: ends what was started here, and waits for it.
end() {
  kill "$1"
  wait "$1" || true
}

expect "a new socket without options" "socket 0 as 0" "$(/usr/sbin/vendord </dev/null && cat "$told"/*)"
rm "$told"/*

bash -c "$(lines SysV)" </dev/null >/test/log 2>&1 || fail "start-stop-daemon: $(</test/log)"
expect_told start-stop-daemon "socket 1 as 0"

mkdir -p /test/sv/vendord
{
  printf '#!/bin/sh\nexec </dev/null\n'
  lines runit
} >/test/sv/vendord/run
chmod +x /test/sv/vendord/run
runsv /test/sv/vendord 2>/test/log &
expect_told runit "socket 1 as 0"
end $!

{
  printf '[supervisord]\nnodaemon=true\nuser=root\nlogfile=/test/log\npidfile=/test/pid\n[program:vendord]\nstartsecs=0\n'
  lines supervisord
} >/test/supervisord.conf
supervisord -c /test/supervisord.conf >/test/log 2>&1 </dev/null &
expect_told supervisord "socket 1 as 0"
end $!

lines cron >/etc/cron.d/vendord
rm -f /run/crond.reboot
cron -f >/test/log 2>&1 &
expect_told cron "socket 1 as 0"
end $!

# A network of their own: the port is in the line.
serve() {
  unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@" >/test/log 2>&1 </dev/null &
  local server=$! attempt
  for ((attempt = 0; attempt < 300; ++attempt)); do
    nsenter --net="/proc/$server/ns/net" python3 -c '
import socket
socket.create_connection(("127.0.0.1", 7777), 30).recv(1)' 2>/test/client && break
    kill -0 "$server" 2>/dev/null || fail "$1 ended: $(</test/log)"
    sleep 0.1
  done
  expect_told "$1" "connection 1 as 65534"
  end "$server"
}
lines inetd >/etc/inetd.conf
serve inetd -i
{
  printf 'service vendord\n{\ntype = UNLISTED\nport = 7777\nsocket_type = stream\nprotocol = tcp\n'
  printf 'wait = no\nuser = nobody\n'
  lines xinetd
  echo '}'
} >/test/xinetd.conf
serve /var/cache/unpacked/usr/sbin/xinetd -dontfork -f /test/xinetd.conf

bash -c "$(lines sudo)" </dev/null >/test/log 2>&1 || fail "sudo: $(</test/log)"
expect_told sudo "socket 1 as 65534"
bash -c "$(lines su)" </dev/null >/test/log 2>&1 || fail "su: $(</test/log)"
expect_told su "socket 1 as 65534"

# What does not arrive: of root's environment, and of another user's.
echo 'nobody ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/test
echo 'Defaults env_keep += "LD_PRELOAD"' >>/etc/sudoers.d/test
# without WHO WHAT COMMAND...
without() {
  local who=$1 what=$2
  shift 2
  env LD_PRELOAD=libsockopt.so "$@" </dev/null >/test/log 2>&1 || fail "$who: $(</test/log)"
  expect_told "$who without sockopt run" "$what"
}
without su "socket 1 as 65534" su -s /bin/sh nobody -c /usr/sbin/vendord
without "su -" "socket 0 as 65534" su -s /bin/sh - nobody -c /usr/sbin/vendord
without "sudo with env_keep" "socket 1 as 65534" sudo -u nobody /usr/sbin/vendord
without "sudo with env_keep, of another user," "socket 0 as 0" \
  setpriv --reuid nobody --clear-groups sudo /usr/sbin/vendord
rm /etc/sudoers.d/test
without sudo "socket 0 as 65534" sudo -u nobody /usr/sbin/vendord
