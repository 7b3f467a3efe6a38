# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # what is not used here is used by who sources this
#
# The Debian packages that building and testing need, and how to install them.  Sourced by demo.sh,
# test.sh and others; a second run finds everything installed and asks nobody.  The names hold for
# Debian 12 and 13: a * stands for what a release adds to one.

build_packages=(g++ cmake ninja-build pkg-config libinih-dev libcli11-dev libfmt-dev
  nlohmann-json3-dev)

demo_packages=(python3)

test_packages=(libgtest-dev)

# Without these the command is built without the bpf engine.
engine_packages=(clang bpftool libbpf-dev libelf-dev zlib1g-dev)

# What the tests of a label start or load.  The labels are the folders of tests/.
declare -A label_packages=(
  [bpf]="${engine_packages[*]} python3 util-linux musl-tools golang-go
    nginx-light redis-server iproute2 strace systemd qemu-system-x86 seabios"
  [unit]=''
  [rules]='strace python3 perl nodejs default-jdk-headless nginx-light redis-server postgresql'
  [inspect]='python3 util-linux'
  [systemd]='systemd'
  [doctor]='python3 iproute2 libcap2-bin util-linux systemd nginx-light redis-server musl-tools
    g++-i686-linux-gnu golang-go libeatmydata1'
  [enable]='systemd strace util-linux libcap2-bin'
  [bounds]='binutils strace python3 procps iproute2 util-linux libkeepalive0'
  [documentation]='mandoc man-db python3 util-linux'
  [command]='bash zsh fish util-linux libcap2-bin nginx-light'
  [show]='strace python3 iproute2 procps util-linux prometheus'
  [apply]='strace python3 iproute2 util-linux'
  [preload]='strace binutils util-linux libcap2-bin libjemalloc2 proxychains4 tsocks ucspi-tcp
    systemd'
  # What is preloaded beside the library, what installs a seccomp filter, and what checks memory.
  [hazards]='binutils strace python3 util-linux openssl perl systemd libseccomp-dev chrony tor torsocks
    libeatmydata1 libkeepalive0 libjemalloc2 libtcmalloc-minimal4* valgrind clang libclang-rt-dev'
  [daemons]='strace python3 procps nginx-light apache2 haproxy redis-server redis-tools memcached
    postgresql postgresql-client nodejs default-jdk-headless golang-go'
  [zmq]='libzmq3-dev libczmq-dev python3-zmq binutils iproute2 util-linux'
  [fuzz]='clang libclang-rt-dev'
  # Other C libraries, compilers for two architectures, another release.
  [portability]='clang musl-tools g++-i686-linux-gnu g++-aarch64-linux-gnu qemu-user debootstrap'
  [packages]="${engine_packages[*]} dpkg-dev file lintian binutils debootstrap util-linux
    g++-i686-linux-gnu g++-aarch64-linux-gnu qemu-user musl-tools rpm rpmlint"
  [deploy]='python3 iproute2 util-linux prometheus buildah docker-compose python3-kubernetes ansible-core
    ansible-lint python3-apt procps systemd binutils'
  [soak]='nginx-light'
  [lint]='clang-format clang-tidy shellcheck mandoc python3'
  [foreign]='python3 libpython3.*-testsuite perl libio-socket-ssl-perl'
)

# They go on from the packages.
label_packages[deploy]+=" ${label_packages[packages]}"
label_packages[sanitizers]="${label_packages[unit]} ${label_packages[preload]}"

coverage_packages=(gcovr)

# The peers, what puts load on servers, and what counts.
bench_packages=(gcc libc6-dev libkeepalive0 libdontdie0 libbenchmark-dev python3 strace iproute2
  procps util-linux nginx-light redis-server redis-tools wrk "${engine_packages[@]}")
bench_emulator_packages=(qemu-system-x86 seabios)

# Packages whose unit files and programs are looked at without being installed.
unpacked_packages=(nginx nginx-common apache2 redis-server redis-tools postgresql-common haproxy
  memcached mosquitto lighttpd squid openssh-server tor chrony vsftpd mariadb-server
  prometheus-node-exporter)

# kernel_package: this release's smallest kernel, which is run in an emulator.
kernel_package() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: //p'
}

# packages_for LABEL...: what building needs, and the tests of these labels.
packages_for() {
  local label words
  local needed=("${build_packages[@]}" "${test_packages[@]}")
  for label in "$@"; do
    read -r -d '' -a words <<<"${label_packages[$label]}" || true
    needed+=("${words[@]}")
  done
  printf '%s\n' "${needed[@]}" | sort -u
}

# apt_knows NAME, is_installed NAME: for a name with a *, any that is like it.
apt_knows() {
  local known
  while read -r known; do
    # shellcheck disable=SC2053 # a glob
    [[ $known != $1 ]] || return 0
  done < <(apt-cache pkgnames "${1%%\**}")
  return 1
}

is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# install_packages NAME...: those that are missing, without starting any service they bring.  A name
# that this release does not know is said, and passed over: what needs it says so when it is built, or
# is skipped.
install_packages() {
  local missing=() name
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    without_apt "$@"
    return
  fi
  for name in "$@"; do
    is_installed "$name" || missing+=("$name")
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
  local status=0 log known=()
  log=$(mktemp)
  "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || status=$?
  for name in "${missing[@]}"; do
    if apt_knows "$name"; then
      known+=("$name")
    else
      echo "No package here is called $name."
    fi
  done
  { ((status == 0)) && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${known[@]}"; } >>"$log" 2>&1 || status=$?
  [[ -z $policy_is_ours ]] || "${as_root[@]}" rm -f "$policy"
  if ((status)); then
    cat "$log" >&2
    echo "Could not install: ${missing[*]}" >&2
  fi
  rm -f "$log"
  return "$status"
}

# without_apt NAME...: on another system than Debian or one made from it, says what to install.
# Fails where even a build is impossible.
without_apt() {
  local name missing=()
  for name in c++ cmake ninja pkg-config; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  for name in ini.h CLI/CLI.hpp fmt/core.h nlohmann/json.hpp gtest/gtest.h; do
    echo "#include <$name>" | c++ -std=c++20 -E -x c++ - >/dev/null 2>&1 || missing+=("<$name>")
  done
  printf '%s\n' "There is no apt-get here. Install what these packages of Debian hold:" "$*" >&2
  ((${#missing[@]} == 0)) && return
  echo "The build cannot do without these, which are missing: ${missing[*]}" >&2
  return 1
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

# build_preset NAME [CMAKE ARGUMENT]... [-- BUILD ARGUMENT]...: configures and builds, showing output only
# where it fails.
build_preset() {
  local preset=$1 log configure=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    configure+=("$1")
    shift
  done
  shift $(($# > 0))
  log=$(mktemp)
  if ! { cmake --preset "$preset" "${configure[@]}" &&
    cmake --build --preset "$preset" "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
