#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds with the compiler and the libraries of another release of Debian, and runs the demo there, the
# tests of some labels, and the library at every level of optimization, or another command:
#
#   release.sh RELEASE|other TREE [COMMAND [ARGUMENT]...]
#
# `other` is the one of the two supported releases that this system is not.  A release is a directory of
# $SOCKOPT_CHROOTS, or of ~/.cache/libsockopt.  debootstrap makes it, from where this system's own
# packages come from, and it is kept: only the first run takes those minutes.
# What is built is kept in TREE.  All of it runs in namespaces for mounts and processes: nothing stays
# mounted, and nothing stays running.
set -euo pipefail
release=$1 tree=$2
shift 2
. "$(dirname "$0")/connections.sh"
. "$(dirname "$0")/mirror.sh"
command=("$@")
((${#command[@]})) ||
  command=(bash -c "./tools/demo.sh && ./tools/test.sh -L '^(unit|preload|command)\$' &&
    tests/portability/compilers.sh gcc g++ .build/gcc")

((EUID == 0)) || skip "only root can change the root directory"
need debootstrap unshare
if [[ $release == other ]]; then
  case $own_release in
    bookworm) release=trixie ;;
    trixie) release=bookworm ;;
    *) skip "this system is neither Debian 12 nor Debian 13" ;;
  esac
fi
source=$(cd "$here/../.." && pwd)
mkdir -p "$tree" "$source/.build"
tree=$(cd "$tree" && pwd)
roots=${SOCKOPT_CHROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/libsockopt}
mkdir -p "$roots"
root=$roots/$release

# Two test runs take turns.
exec {lock}>"$roots/$release.lock"
flock "$lock"

# debootstrap, and apt inside, go through the proxies that this system's apt goes through.
apt_settings=$(apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries )' || true)
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy https_proxy

if [[ ! -d $root ]]; then
  mirror=$(own_mirror)
  [[ -n $mirror ]] || skip "apt has no sources for the release of this system"
  echo "Making $root"
  rm -rf "$root.partial"
  included=()
  [[ $mirror != https:* ]] || included=(--include=ca-certificates)
  debootstrap --variant=minbase "${included[@]}" "$release" "$root.partial" "$mirror" \
    >"$root.log" 2>&1 || skip "debootstrap: $(tail -n 1 "$root.log")"
  mv "$root.partial" "$root"
fi
echo "$apt_settings" >"$root/etc/apt/apt.conf.d/90-of-the-host"
mkdir -p "$root/src"
touch "$root/etc/resolv.conf" "$root/etc/hosts"

# pivot_root and not chroot, under which the kernel makes no user namespaces.
# shellcheck disable=SC2016 # for the shell inside
enter='
  set -e
  root=$1 source=$2 tree=$3
  shift 3
  mount --bind "$root" "$root"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  mount -t tmpfs -o mode=755 run "$root/run"
  for file in /etc/resolv.conf /etc/hosts; do mount --bind "$file" "$root$file"; done
  mount --bind "$source" "$root/src"
  mount --bind "$tree" "$root/src/.build"
  cd "$root"
  pivot_root . mnt
  umount --lazy /mnt
  cd /src
  dpkg --configure -a
  exec "$@"'
variables=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1)
for name in CI http_proxy https_proxy; do
  [[ -z ${!name:-} ]] || variables+=("$name=${!name}")
done
unshare --mount --pid --fork --kill-child --propagation private -- \
  sh -c "$enter" sh "$root" "$source" "$tree" env -i "${variables[@]}" "${command[@]}" </dev/null
