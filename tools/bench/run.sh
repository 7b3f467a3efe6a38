#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What libsockopt costs, beside every alternative: installs what is missing, builds, measures, and
# writes tools/bench/RESULTS.md with its plots. `--help` says what may be asked for (options.py).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/.build/bench

# shellcheck source=tools/packages.sh
source "$root/tools/packages.sh"
# Nothing else is installed, built or fetched before it is known what is wanted.
[[ -x /usr/bin/python3 ]] || install_packages python3
for word; do
  [[ $word != -h && $word != --help ]] || exec /usr/bin/python3 -B "$here/options.py" --help
done
parts=$(/usr/bin/python3 -B "$here/options.py" "$@")
[[ $parts ]] || exec /usr/bin/python3 -B "$here/run.py" "$build" "$@"

install_packages "${build_packages[@]}" "${bench_packages[@]}"

log=$(mktemp)
if ! { cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
         -DSOCKOPT_BENCHMARKS=ON &&
       cmake --build "$build" --target sockopt sockopt_preload micro_benchmarks; } >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"

# Debian's kernel for the emulated machine, unpacked and not installed.
kernel=$build/kernel
if [[ " $parts " == *" instructions "* ]]; then
  # Comes for the exact count of instructions only, and is large: done without where it fails.
  install_packages "${bench_emulator_packages[@]}" || echo "No qemu: instructions will be skipped"
  if ! compgen -G "$kernel/boot/vmlinuz-*" >/dev/null; then
    mkdir -p "$kernel"
    package=$(apt-cache depends linux-image-amd64 2>/dev/null |
      sed -n 's/.*Depends: //p' | head -n 1)
    if (cd "$kernel" && apt-get download -qq "${package:-linux-image-amd64}") >/dev/null 2>&1; then
      dpkg-deb --fsys-tarfile "$kernel"/*.deb | tar -x -C "$kernel" --wildcards './boot/vmlinuz-*'
      rm -f "$kernel"/*.deb
    fi
  fi
fi

# Thousands of connections are held open at both ends.
ulimit -Sn "$(ulimit -Hn)"
# In a network of its own: no firewall, no other connection, no port that another one waits for.
enter=(unshare --net)
((EUID == 0)) || enter=(unshare --net --user --map-root-user)
# What thousands of connections a second leave behind would be searched by those that follow, of
# whichever server comes next in turn: few are kept, where that may be said.
exec "${enter[@]}" -- sh -c 'ip link set lo up &&
    { echo 1000 >/proc/sys/net/ipv4/tcp_max_tw_buckets; } 2>/dev/null; exec "$@"' - \
  /usr/bin/python3 -B "$here/run.py" "$build" "$@"
