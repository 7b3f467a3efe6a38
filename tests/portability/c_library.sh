#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The library as it was built here, in programs of another C library than the one that it was built
# with:
#
#   c_library.sh current|musl|bullseye LIBRARY DIRECTORY
#
# DIRECTORY is the test's own. bullseye's glibc, 2.31, is the oldest that Debian still hands out; it
# runs in a chroot with nothing else in it. That no symbol younger than 2.17 is needed at all,
# tests/bounds/symbols_test.cc shows.
set -euo pipefail
which=$1 library=$(realpath "$2") directory=$3
. "$(dirname "$0")/connections.sh"

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
configuration=$directory/sockopt.ini
write_configuration "$configuration"
flags=(-Wall -Wextra -Werror -O1)
source=$here/victims/connections.c

case $which in
  current)
    need gcc
    gcc "${flags[@]}" "$source" -o "$directory/connections" -pthread
    expect_connections "$library" env -- "$directory/connections"
    ;;

  musl)
    need musl-gcc
    musl-gcc "${flags[@]}" "$source" -o "$directory/connections" -pthread
    readelf -l "$directory/connections" | grep -q ld-musl || {
      echo "Not a program of musl"
      exit 1
    }
    expect_connections "$library" env -- "$directory/connections"

    # A library behind this one is initialized after it here, and is not called before.
    musl-gcc "${flags[@]}" "$here/victims/given_listener.c" -o "$directory/given_listener"
    musl-gcc "${flags[@]}" -shared -fPIC "$here/../preload/victims/unready.c" \
      -o "$directory/libunready.so"
    told=$(env -i LD_PRELOAD="$library:$directory/libunready.so" "$directory/given_listener")
    [[ $told == "backlog 9 keepidle 61"* ]] || {
      echo "With a listener that was given: $told"
      exit 1
    }
    ;;

  bullseye)
    need gcc
    ((EUID == 0)) || skip "only root can change the root directory"
    [[ $(uname -m) == x86_64 ]] || skip "written for x86-64"
    "$here/debian_packages.sh" bullseye amd64 "$directory/packages" \
      busybox libc6 libc6-dev libcrypt1 libexpat1 libgcc-s1 libpython3.9-minimal linux-libc-dev \
      python3.9-minimal zlib1g
    root=$directory/packages/root libraries=lib/x86_64-linux-gnu
    # Relative, so that the linker finds the loader from outside, too.
    ln -sfn "../$libraries/ld-2.31.so" "$root/lib64/ld-linux-x86-64.so.2"
    gcc "${flags[@]}" --sysroot="$root" -B"$root/usr/$libraries" -L"$root/usr/$libraries" \
      -L"$root/$libraries" "$source" -o "$root/connections" "$root/$libraries/libpthread.so.0"
    cp "$library" "$root/libsockopt.so"
    write_configuration "$root/sockopt.ini"
    configuration=/sockopt.ini
    enter=(chroot "$root" /bin/busybox env -i)
    loader=$("${enter[@]}" /$libraries/libc.so.6 | head -n 1)
    [[ $loader == *"version 2.31"* ]] || {
      echo "Not glibc 2.31: $loader"
      exit 1
    }
    expect_connections /libsockopt.so "${enter[@]}" -- /connections

    # A real program of that time; it loads libraries of its own while it runs.
    told=$("${enter[@]}" LD_PRELOAD=/libsockopt.so SOCKOPT_CONFIG=/sockopt.ini /usr/bin/python3.9 -c '
import socket
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
accepted, _ = listener.accept()
accepted.sendall(b"through")
print(client.recv(7).decode(), *[s.getsockopt(6, 4) for s in (listener, client, accepted)])' 2>&1)
    [[ $told == "through 61 61 61" ]] || {
      echo "Python printed: $told"
      exit 1
    }
    echo "As expected: python3.9"
    ;;

  *)
    echo "usage: $0 current|musl|bullseye LIBRARY DIRECTORY" >&2
    exit 2
    ;;
esac
