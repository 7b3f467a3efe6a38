#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The role for Ansible, on two hosts that are views of this system, each with its own changes to the files,
# network and sysctls, which end with the test: shown without being done, rolled out in stages, rolled out
# again, stopped by an error, and taken back.
#
#   fleet.sh DIRECTORY PACKAGES     the test's own, and where the packages are
set -euo pipefail
directory=$1 packages=$2
. "$(dirname "$0")/../portability/connections.sh"
role=$(cd "$here/../../tools/ansible" && pwd)
need ansible-playbook ansible-lint unshare nsenter systemctl
((EUID == 0)) || skip "only root can make the hosts"
/usr/bin/python3 -c 'import apt' 2>/dev/null || skip "python3-apt is not installed"

if [[ -z ${IN_NAMESPACE:-} ]]; then
  mkdir -p "$directory"
  # Its end is the end of the hosts.
  IN_NAMESPACE=yes exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private "$0" "$@"
fi
directory=$(cd "$directory" && pwd)
packages=$(cd "$packages" && pwd)
mount -t tmpfs none "$directory"
cd "$directory"
fail() {
  echo "Failed: $*"
  exit 1
}
# says TEXT FILE
says() { grep -qF -- "$1" "$2" || fail "there is no '$1' in: $(<"$2")"; }

hosts=(one two)
mkdir tmp
for host in "${hosts[@]}"; do
  mkdir -p "$host"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$host/upper,workdir=$host/work" "$host/root" ||
    skip "the kernel does not let a file system be laid over this one"
  for mounted in /proc /dev /sys; do mount --rbind "$mounted" "$host/root$mounted"; done
  mkdir -p "$host/root$directory/tmp"
  mount --bind tmp "$host/root$directory/tmp"
  printf '[Service]\nExecStart=/usr/bin/python3 -m http.server\n' >"$host/root/etc/systemd/system/web.service"
  rm -rf "$host"/root/etc/sockopt.*
  # What dpkg does outside meanwhile is not seen here.
  rm -r "$host/root/var/lib/dpkg/updates" && mkdir "$host/root/var/lib/dpkg/updates"
  touch "$host/root/var/lib/dpkg/status"
  # Indices of thousands of packages and pages, which would be made anew.
  rm -rf "$host"/root/var/{lib/apt/lists,cache/apt/*.bin,lib/man-db/auto-update}
  mkdir -p "$host/root/var/lib/apt/lists/partial"
  unshare --net --root="$host/root" sleep infinity &
  process=$!
  # By this name, a host is the interpreter of all modules there.
  printf '#!/bin/sh\nexec nsenter --target %s --net --root --wd=/ /usr/bin/python3 "$@"\n' "$process" >"$host/python"
  chmod +x "$host/python"
  echo "$host ansible_connection=local ansible_python_interpreter=$directory/$host/python sockopt_services='[\"web\"]'" >>inventory
done
on() { nsenter --target "$(sed -n 's/.*--target \([0-9]*\).*/\1/p' "$1/python")" --net --root --wd=/ "${@:2}"; }
for host in "${hosts[@]}"; do
  until on "$host" true 2>/dev/null; do ((SECONDS < 60)) || fail "$host does not start"; done
done

cat >settings.json <<JSON
{"sockopt_packages": [$(printf '"%s",' "$packages"/{libsockopt,sockopt}_*_"$(dpkg --print-architecture)".deb | sed 's/,$//')],
 "sockopt_sysctls": {"net.core.somaxconn": 4321}, "sockopt_stages": [1, "100%"],
 "ansible_become": false, "ansible_remote_tmp": "$directory/tmp"}
JSON
export ANSIBLE_NOCOLOR=1 ANSIBLE_HOME=$directory/home ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_PIPELINING=true \
  ANSIBLE_GATHERING=smart ANSIBLE_CACHE_PLUGIN=jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION=$directory/facts
# play NAME PLAYBOOK [ARGUMENT]...: what it said is in the file of that name.
play() {
  local name=$1 playbook=$2
  shift 2
  ansible-playbook --inventory inventory --extra-vars @settings.json "$@" "$role/$playbook" >"$name" 2>&1
}
# recap FILE HOST: what was done there, and what of it failed.
recap() { sed -n "s/^$2 .*\(changed=[0-9]*\).*\(failed=[0-9]*\).*/\1 \2/p" "$1"; }
echo "Lint"
ansible-lint --offline --nocolor --strict --profile production "$role"/*.yml >lint 2>&1 || fail "$(<lint)"

echo "Shown, and not done"
play shown rollout.yml --check --diff --limit one || fail "$(<shown)"
says '+net.core.somaxconn = 4321' shown
says '+keepidle  = 60s' shown
[[ ! -e one/root/usr/bin/sockopt && ! -e one/root/etc/sockopt.ini && ! -e one/root/etc/sysctl.d/60-sockopt.conf ]] ||
  fail "--check has changed it"

echo "Rolled out"
before=$(on one sysctl -n net.core.somaxconn)
play rolled rollout.yml || fail "$(<rolled)"
for host in "${hosts[@]}"; do
  says 'libsockopt.so' "$host/root/etc/systemd/system/web.service.d/zz-sockopt.conf"
  [[ $(on "$host" sysctl -n net.core.somaxconn) == 4321 ]] || fail "the sysctl of $host is not set"
  on "$host" sockopt check >/dev/null
done
[[ $(grep -c '^PLAY \[' rolled) == 2 ]] || fail "it was not done in two stages: $(<rolled)"

echo "And again, now with no service on the first"
sed -i '/^one /s/"web"//' inventory
play again rollout.yml --extra-vars '{"sockopt_stages": ["100%"]}' || fail "$(<again)"
[[ $(recap again two) == "changed=0 failed=0" ]] || fail "$(<again)"
[[ ! -e one/root/etc/systemd/system/web.service.d ]] || fail "web is still enabled"

echo "An error stops it at the first host"
play wrong rollout.yml --extra-vars '{"sockopt_configuration": "[sockopt]\nkeepidle = 60 parsecs\n"}' && fail "$(<wrong)"
says 'keepidle' wrong
[[ -n $(recap wrong one) && -z $(recap wrong two) ]] || fail "it went on: $(<wrong)"
says 'keepidle  = 60s' one/root/etc/sockopt.ini

echo "Taken back"
play back rollback.yml || fail "$(<back)"
for host in "${hosts[@]}"; do
  left=$(cd "$host/upper" && find . -name '*sockopt*' ! -type c ! -path './var/cache/apt/*' ! -path './proc/*' -print)
  [[ -z ${left//.\/var\/lib\/sockopt/} ]] || fail "left on $host: $left"
  [[ $(on "$host" sysctl -n net.core.somaxconn) == "$before" ]] || fail "the sysctl of $host is not as it was"
done
play back_again rollback.yml --limit one || fail "$(<back_again)"
[[ $(recap back_again one) == "changed=0 failed=0" ]] || fail "$(<back_again)"
