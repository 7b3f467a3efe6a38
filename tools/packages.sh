# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The Debian packages that building and testing need, and how to have them installed.  Sourced by
# demo.sh and test.sh; a second run finds everything there and asks nobody.

build_packages=(g++ cmake ninja-build pkg-config libinih-dev libcli11-dev libfmt-dev
  nlohmann-json3-dev)

demo_packages=(python3)

test_packages=(libgtest-dev binutils strace iproute2 procps mandoc python3 util-linux libcap2-bin
  # Daemons and languages.
  nginx-light apache2 haproxy redis-server redis-tools memcached postgresql-15
  postgresql-client-15 nodejs default-jdk-headless golang-go systemd prometheus
  # The hazards: what is preloaded beside the shim, and what installs a seccomp filter.
  libeatmydata1 torsocks libkeepalive0 libjemalloc2 libtcmalloc-minimal4 libseccomp-dev chrony tor
  openssl perl
  # Other systems: a C library, and compilers for two architectures.
  musl-tools g++-i686-linux-gnu g++-aarch64-linux-gnu qemu-user
  # Completions, as these shells call them.
  bash zsh fish
  # Other people's tests.
  libpython3.11-testsuite libio-socket-ssl-perl)

# libFuzzer is in clang's libraries.
fuzz_packages=(clang libclang-rt-14-dev)

coverage_packages=(gcovr)

# The peers, what puts load on servers, and what counts.
bench_packages=(gcc libc6-dev libkeepalive0 libdontdie0 libbenchmark-dev python3 strace iproute2
  procps util-linux nginx-light redis-server redis-tools wrk)
bench_emulator_packages=(qemu-system-x86 seabios)

# Packages whose unit files and programs are looked at without being installed.
unpacked_packages=(nginx nginx-common apache2 redis-server redis-tools postgresql-common haproxy
  memcached mosquitto lighttpd squid openssh-server tor chrony vsftpd mariadb-server
  prometheus-node-exporter)

# install_packages NAME...: those that are missing, without starting any service they bring.
install_packages() {
  local missing=() name
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] ||
      missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  echo "Installing ${missing[*]}"
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  # invoke-rc.d(8) asks this program before it starts a service; 101 forbids it.
  local policy=/usr/sbin/policy-rc.d policy_is_ours=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 0755 "$policy"
    policy_is_ours=yes
  fi
  local status=0
  { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/sockopt-apt.$$ 2>&1 ||
    status=$?
  [[ -z $policy_is_ours ]] || "${as_root[@]}" rm -f "$policy"
  if ((status)); then
    cat "/tmp/sockopt-apt.$$" >&2
    echo "Could not install: ${missing[*]}" >&2
  fi
  rm -f "/tmp/sockopt-apt.$$"
  return "$status"
}

# unpack_packages DIR NAME...: puts what they hold, save documentation and libraries, into DIR.
unpack_packages() {
  local directory=$1 missing=() name file work status=0
  shift
  mkdir -p "$directory"
  for name in "$@"; do
    [[ -e $directory/.unpacked-$name ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  echo "Unpacking ${missing[*]}"
  work=$(mktemp -d)
  (cd "$work" && apt-get download -qq "${missing[@]}") >"$work/log" 2>&1 || status=$?
  for file in "$work"/*.deb; do
    ((status)) && break
    dpkg-deb --fsys-tarfile "$file" |
      tar -x -C "$directory" --no-same-owner --exclude='./usr/share' \
        --exclude='./usr/lib/*-linux-gnu*' || status=$?
  done
  if ((status)); then
    cat "$work/log" >&2
    echo "Could not unpack: ${missing[*]}" >&2
  else
    for name in "${missing[@]}"; do touch "$directory/.unpacked-$name"; done
  fi
  rm -rf "$work"
  return "$status"
}

# build_preset NAME [CMAKE ARGUMENT]...: configures and builds, showing output only where it fails.
build_preset() {
  local preset=$1 log
  shift
  log=$(mktemp)
  if ! { cmake --preset "$preset" "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
