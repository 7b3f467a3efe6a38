#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The image for containers, what is in it, and the ways to use it that sockopt-containers(7) describes, in
# containers of glibc and of musl that have nothing else in them:
#
#   image.sh DIRECTORY ARCHIVE     which are the test's own, and the archive of the packages
set -euo pipefail
directory=$1 archive=$2
. "$(dirname "$0")/../portability/connections.sh"
source=$(cd "$here/../.." && pwd)
# shellcheck disable=SC2206 # a pattern
archives=($archive)
archive=$(realpath "${archives[0]}")

need buildah docker-compose python3 gcc musl-gcc readelf
((EUID == 0)) || skip "only root can make the containers here"
fail() {
  echo "Failed: $*"
  exit 1
}
# expect_text WHAT EXPECTED FOUND
expect_text() { [[ $3 == "$2" ]] || fail "$1 is '$3', and not '$2'"; }

rm -rf "$directory"
mkdir -p "$directory"/{storage,run,app,volume}
directory=$(cd "$directory" && pwd)
options=(--root "$directory/storage" --runroot "$directory/run" --storage-driver vfs)
b() { buildah "${options[@]}" "$@"; }
trap 'b rm --all >/dev/null 2>&1 || true; rm -rf "$directory"' EXIT
echo "The image"
"$source/tools/container/build.sh" "$archive" localhost/sockopt "${options[@]}" >/dev/null
"$source/tools/container/build.sh" "$archive" localhost/again "${options[@]}" >/dev/null
id() { b images --quiet --no-trunc "localhost/$1:latest"; }
expect_text "the image made again" "$(id sockopt)" "$(id again)"
image=$(b from localhost/sockopt)
root=$(b mount "$image")
found=$(cd "$root" && find . -mindepth 1 ! -type d -printf '%M %u %P\n' | sort -k 3)
expect_text "its content" "$(printf '%s\n' '-rw-r--r-- root sockopt/libsockopt-zmq.so' \
  '-rw-r--r-- root sockopt/libsockopt.so' '-rwxr-xr-x root sockopt/sockopt')" "$found"
version=$(basename "$archive" | sed 's/^libsockopt-\(.*\)-linux-.*/\1/')
expect_text "its command's version" "sockopt $version" "$(chroot "$root" /sockopt/sockopt --version | head -n 1)"
b push --quiet localhost/sockopt "oci-archive:$directory/image.tar" 2>/dev/null
printf '%s bytes unpacked, %s as it is transferred\n' \
  "$(cat "$root"/sockopt/* | wc -c)" "$(stat -c %s "$directory/image.tar")"

# app NAME COMPILER: an image with a program of this C library, and what that is linked with.
app() {
  local container app=$directory/app/$1 file
  mkdir -p "$app"/{etc,proc,tmp}
  "$2" -O1 "$here/victims/connections.c" -o "$app/connections" -pthread
  cp --parents /usr/bin/{env,grep} "$app"
  for file in $(readelf -l "$app/connections" | sed -n 's/.*interpreter: \(.*\)\]/\1/p') \
    $(ldd /usr/bin/env /usr/bin/grep | grep -o '/[^ ]*[^ :]'); do
    mkdir -p "$app$(dirname "$file")"
    cp -L "$file" "$app$file"
  done
  # glibc loads it where a thread is cancelled.
  cp -L "$(gcc -print-file-name=libgcc_s.so.1)" "$app/lib/$(gcc -print-multiarch)"
  write_configuration "$app/etc/sockopt.ini"
  container=$(b from scratch)
  b copy --quiet "$container" "$app" / >/dev/null
  b config --env PATH=/usr/bin "$container"
  b commit --quiet "$container" localhost/app >/dev/null
  b rm "$container" >/dev/null
}

# in_image DOCKERFILE: a container of the image that this makes.
in_image() {
  b build --quiet --isolation chroot --file "$1" --tag localhost/mine "$directory/app" >/dev/null
  b from --quiet localhost/mine
}

# As a user who is not root.
container_run=(buildah "${options[@]}" run --isolation chroot --user 65534:65534)
for libc in glibc musl; do
  compiler=gcc
  [[ $libc == glibc ]] || compiler=musl-gcc
  app "$libc" "$compiler"
  echo "In a container of $libc"
  plain=$(b from localhost/app)
  [[ $libc == musl ]] || expect without "${container_run[@]}" "$plain" /connections

  # Lines in a Dockerfile, and an entry point that clears the environment and starts the program by the
  # command.
  mine=$(in_image "$source/tools/container/Dockerfile.example")
  expect with "${container_run[@]}" "$mine" /connections
  expect with "${container_run[@]}" "$mine" /usr/bin/env -i /sockopt/sockopt run -- /connections
  if [[ $libc == glibc ]]; then
    expect without "${container_run[@]}" "$mine" /usr/bin/env -i /connections
    filter=$("${container_run[@]}" "$plain" /usr/bin/grep '^Seccomp:' /proc/self/status)
    expect_text "the container's seccomp filter" 2 "${filter##*[[:space:]]}"
  fi

  # A volume that another container has copied the library into, and a root that is read-only.
  rm -rf "$directory"/volume/*
  b run --isolation chroot --volume "$directory/volume:/volume" "$image" \
    /sockopt/sockopt export /volume >/dev/null
  for file in sockopt libsockopt.so libsockopt-zmq.so; do
    cmp "$root/sockopt/$file" "$directory/volume/$file"
    expect_text "the mode of $file" "$(stat -c %a "$root/sockopt/$file")" "$(stat -c %a "$directory/volume/$file")"
  done
  mapfile -t settings < <(/usr/bin/python3 - "$source/tools/container/compose.yaml" <<'PYTHON'
import sys, yaml
for name, value in yaml.safe_load(open(sys.argv[1]))["services"]["app"]["environment"].items():
    print(f"--env={name}={value}")
PYTHON
  )
  ((${#settings[@]} > 3)) || fail "compose.yaml has no environment: ${settings[*]}"
  expect with "${container_run[@]}" --volume "$directory/volume:/sockopt:ro" "${settings[@]}" "$plain" \
    /connections
  mounted=$(b mount "$mine")
  # shellcheck disable=SC2016 # for the shell inside
  expect with unshare --mount --propagation private sh -c '
    mount --bind "$1" "$1" && mount --rbind /proc "$1/proc" && mount -o remount,bind,ro "$1" && ! touch "$1/tmp/x" 2>/dev/null &&
      exec chroot --userspec=65534:65534 "$1" /usr/bin/env LD_PRELOAD=/sockopt/libsockopt.so /connections' \
    sh "$mounted"
  # Without a variable at all, from a file of the loader's; musl has none.
  if [[ $libc == glibc ]]; then
    echo /sockopt/libsockopt.so >"$mounted/etc/ld.so.preload"
    expect with "${container_run[@]}" "$mine" /usr/bin/env -i /connections
  fi
  b rm "$plain" "$mine" >/dev/null
done

echo "The file for compose"
docker-compose --file "$source/tools/container/compose.yaml" config --quiet
