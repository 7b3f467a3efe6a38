#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the library for another architecture, and runs the core's tests and a program with it:
#
#   architecture.sh i686|aarch64 DIRECTORY [CMAKE ARGUMENT]...
#
# DIRECTORY is the build tree, and is used again.
set -euo pipefail
architecture=$1 tree=$2
shift 2
. "$(dirname "$0")/connections.sh"

need cmake ninja "$architecture-linux-gnu-gcc" "$architecture-linux-gnu-g++"
case $architecture in
  i686) debian_name=i386 emulator=(qemu-i386) ;;
  aarch64) debian_name=arm64 emulator=(qemu-aarch64 -L /usr/aarch64-linux-gnu) ;;
  *)
    echo "usage: $0 i686|aarch64 DIRECTORY" >&2
    exit 2
    ;;
esac
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)

# Kernels of x86-64 run programs of i686, but for those that were built or started to refuse them.
targets=(sockopt_preload unit_tests connections)
[[ $architecture != i686 ]] || targets+=(connections_time32)
libraries=/usr/$architecture-linux-gnu/lib
echo 'int main(void) { return 0; }' | "$architecture-linux-gnu-gcc" -x c - -o "$tree/nothing" \
  -Wl,--dynamic-linker="$(echo "$libraries"/ld-linux*.so.?)" -Wl,-rpath,"$libraries"
if "$tree/nothing" 2>/dev/null; then
  emulator=()
  targets+=(preload_tests seccomp_filter)
else
  need "${emulator[0]}"
  echo "This kernel runs no programs of $architecture: ${emulator[0]} does. It starts no other programs and" \
    "installs no filters, so the tests that need either are left out."
fi

# Compiled by the compiler of this release, as the cross compiler's libraries are.
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
"$here/debian_packages.sh" "$release" "$debian_name" "$tree/packages" libinih-dev libgtest-dev

log=$tree/build.log
{
  cmake -S "$here/../.." -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_TOOLCHAIN_FILE="$here/../../tools/package/architectures/$architecture.cmake" \
    -DCMAKE_FIND_ROOT_PATH="$tree/packages/root" -DSOCKOPT_LIBRARY_ONLY=ON \
    -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
    -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST "$@" &&
    cmake --build "$tree" --parallel "$(nproc)" --target "${targets[@]}"
} >"$log" 2>&1 || {
  tail -n 60 "$log"
  exit 1
}
library=$tree/libsockopt.so
echo "$(file -b "$library" 2>/dev/null || true), $(stat -c %s "$library") bytes"

# An emulator has threads of its own, for which there are no user namespaces; and many thousand random
# policies take it minutes.
left_out=
((${#emulator[@]} == 0)) || left_out='*of_a_user_unknown_here*:RandomPolicies.*'
"${emulator[@]}" "$tree/unit_tests" --gtest_brief=1 --gtest_filter="-$left_out"

configuration=$tree/sockopt.ini
write_configuration "$configuration"
setter=(env)
if ((${#emulator[@]})); then
  # Variables are for the program, not for the emulator, which passes on only the first four bytes of
  # TCP_INFO.
  not_expected=(backlog)
  cat >"$tree/emulate" <<EMULATE
#!/bin/bash
variables=()
while [[ \$1 == *=* ]]; do
  variables+=(-E "\$1")
  shift
done
exec ${emulator[*]} "\${variables[@]}" "\$@"
EMULATE
  chmod +x "$tree/emulate"
  setter=("$tree/emulate")
fi
expect_connections "$library" "${setter[@]}" -- "$tree/connections"
[[ $architecture != i686 ]] ||
  expect_connections "$library" "${setter[@]}" -- "$tree/connections_time32"
((${#emulator[@]} == 0)) || exit 0

# syscall(2) is hooked by an assembler's routine of each architecture's own.
for call in prctl number seccomp; do
  found=$(env LD_PRELOAD="$library" SOCKOPT_KEEPIDLE=61s "$tree/seccomp_filter" "$call")
  [[ $found == "61 7200" ]] || {
    echo "Failed: a filter installed by $call went unnoticed: $found"
    exit 1
  }
done
# All but what starts the host's own programs under the library, or puts it or the program
# beside the host's own libraries: those are of another architecture.
hosts_own=FaultsTest.AreNotSaidInProgramsWithoutTcpSockets
hosts_own+=:SetUserIdTest.DescendantsDoNotHeedItsCallersVariables
hosts_own+=:TrustTest.TheSystemsFileIsHeededWithoutLdPreload
hosts_own+=:TrustTest.VariablesWithoutLdPreloadAreNotHeeded
hosts_own+=':SecureExecution.*:UserNamespace.*'
"$tree/preload_tests" --gtest_brief=1 --gtest_filter="-$hosts_own"
