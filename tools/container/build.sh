#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes an image of the archive that `cmake --build --preset package` writes:
#
#   build.sh ARCHIVE [NAME [BUILDAH OPTION]...]     NAME: localhost/sockopt:VERSION, and also
#                                                   localhost/sockopt, unless given
#
# It needs buildah, and no daemon. The same archive makes the same image.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
archive=$1
version=$(sed -n 's/^.*libsockopt-\([0-9.]*\)-linux-.*$/\1/p' <<<"$archive")
tags=(--tag "${2:-localhost/sockopt:$version}")
(($# >= 2)) || tags+=(--tag localhost/sockopt)
shift $(($# < 2 ? $# : 2))

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{archive,sockopt}
tar -C "$work/archive" -xzf "$archive" --strip-components=1
install -m 0755 "$work/archive/bin/sockopt" "$work/sockopt"
install -m 0644 "$work"/archive/lib/*/libsockopt*.so "$work/sockopt"
time=$(stat -c %Y "$work/archive/bin/sockopt")
buildah "$@" build --quiet --timestamp "$time" --file "$here/Containerfile" "${tags[@]}" "$work"
