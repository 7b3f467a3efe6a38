#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The packages, as `cmake --build --preset package` makes them:
#
#   packages.sh build DIRECTORY [CMAKE ARGUMENT]...   makes them in DIRECTORY/build, for the others
#   packages.sh contents|hardening|lintian|archive DIRECTORY
#   packages.sh reproducible DIRECTORY [CMAKE ARGUMENT]...
set -euo pipefail
export LC_ALL=C
what=$1 directory=$2
shift 2
. "$(dirname "$0")/../portability/connections.sh"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
source=$(cd "$here/../.." && pwd)

fail() {
  echo "Failed: $*"
  exit 1
}

# make SOURCE BUILD [CMAKE ARGUMENT]...
make() {
  local source=$1 build=$2 log=$2.log
  shift 2
  rm -f "$build"/*.deb "$build"/*.tar.gz
  {
    (cd "$source" && cmake --preset package -B "$build" "$@") &&
      cmake --build "$build" --parallel "$(nproc)" --target package archive
  } >"$log" 2>&1 || {
    tail -n 60 "$log"
    exit 1
  }
}

# unpack: both packages below $unpacked, and the libraries and the command in $programs.
unpacked=$directory/unpacked.$what
unpack() {
  local deb
  rm -rf "$unpacked"
  mkdir "$unpacked"
  for deb in "$directory"/build/*.deb; do
    dpkg-deb -R "$deb" "$unpacked/$(dpkg-deb -f "$deb" Package)"
  done
  mapfile -t programs < <(find "$unpacked" -name '*.so' -o -path '*/bin/*')
}

# Those that the compiler and the linker cannot do without, for the preset asks for the bpf engine.
need_builders() { need cmake ninja clang bpftool dpkg-deb dpkg-shlibdeps file gzip; }
# bpftool is where only root looks.
PATH=$PATH:/usr/sbin:/sbin

case $what in
  build)
    need_builders
    make "$source" "$directory/build" "$@"
    ls -l "$directory"/build/*.deb
    ;;

  contents)
    unpack
    triplet=$(basename "$(dirname "$(find "$unpacked" -name libsockopt.so)")")
    for package in libsockopt sockopt; do
      root=$unpacked/$package
      # Type and mode, and the name.
      found=$(cd "$root" && find . -mindepth 1 ! -type d -printf '%M %P\n' | sort -k 2)
      diff <(sed "s|TRIPLET|$triplet|" "$here/$package.files") <(echo "$found") ||
        fail "$package has other files (< expected, > found)"
      (cd "$root" && md5sum --quiet --check DEBIAN/md5sums)
      owners=$(dpkg-deb -c "$directory"/build/"$package"_*.deb | awk '{ print $2 }' | sort -u)
      [[ $owners == root/root ]] || fail "files of $package are of $owners"
      find "$root" -name '*.gz' -exec gzip --test {} +
      while read -r field; do
        grep -qE "^$field" "$root/DEBIAN/control" || fail "the control file of $package has no $field"
      done < <(grep -hE "^(both|$package) " "$here/fields" | cut -d ' ' -f 2-)
    done
    cmp "$source/sockopt.ini" "$unpacked/sockopt/etc/sockopt.ini"
    # Of the commit, where there is one; of nothing that the building has made.
    time=$(git -C "$source" log -1 --format=%ct 2>/dev/null || stat -c %Y "$source/CHANGELOG.md")
    times=$(find "$unpacked"/*/usr -printf '%Ts\n' | sort -u)
    [[ $times == "$time" ]] || fail "the times of the files are $times, and not $time"
    ;;

  hardening)
    need readelf
    unpack
    ((${#programs[@]} == 3)) || fail "unpacked: ${programs[*]}"
    for program in "${programs[@]}"; do
      elf=$(readelf --wide --file-header --dynamic --program-headers "$program")
      for wanted in '^ *Type: +DYN ' 'GNU_RELRO' 'BIND_NOW|FLAGS_1.*NOW' 'GNU_STACK +[^E]* RW +0x'; do
        grep -qE "$wanted" <<<"$elf" || fail "$program has no $wanted"
      done
      symbols=$(readelf --wide --dyn-syms "$program")
      grep -q __stack_chk_fail <<<"$symbols" || fail "$program has no canaries"
      sections=$(readelf --wide --sections "$program")
      ! grep -qE '\.(symtab|debug_info)' <<<"$sections" || fail "$program is not stripped"
      # The libraries call nothing of the C library that there is a fortified function for.
      [[ $program == *.so ]] || grep -qE '__(read|memcpy|vsnprintf|snprintf)_chk' <<<"$symbols" ||
        fail "$program calls no fortified functions"
    done
    ;;

  archive)
    # In a root with nothing else in it: the command needs no other file.
    rm -rf "$directory/archive"
    mkdir "$directory/archive"
    tar -C "$directory/archive" -xzf "$directory"/build/*.tar.gz --strip-components=1
    diff <(sed "s|TRIPLET|$(gcc -print-multiarch)|" "$here/archive.files") \
      <(cd "$directory/archive" && find . ! -type d -printf '%M %P\n' | sort -k 2) ||
      fail "the archive has other files (< expected, > found)"
    cmp "$directory/build/libsockopt.so" "$(find "$directory/archive" -name libsockopt.so)"
    headers=$(readelf --wide --program-headers "$directory/archive/bin/sockopt")
    [[ $headers == *DYNAMIC* && $headers != *INTERP* ]] || fail "the archive's command is not static"
    version=$(dpkg-deb -f "$directory"/build/sockopt_*.deb Version)
    ((EUID == 0)) || skip "only root can change the root directory"
    enter=(unshare --mount --propagation private chroot "$directory/archive")
    found=$("${enter[@]}" /bin/sockopt --version | head -n 1)
    [[ $found == "sockopt $version" ]] || fail "it says $found, and not $version"
    mkdir "$directory/archive/etc"
    echo 'nobody:x:65534:65534::/:/bin/false' >"$directory/archive/etc/passwd"
    cp "$source/sockopt.ini" "$directory/archive/etc"
    found=$("${enter[@]}" /bin/sockopt check --user nobody /etc/sockopt.ini 2>&1) || fail "$found"
    found=$("${enter[@]}" /bin/sockopt check --user somebody /etc/sockopt.ini 2>&1) &&
      fail "it knows somebody: $found"
    rm -rf "$directory/archive"
    ;;

  lintian)
    need lintian
    said=$(lintian --allow-root --fail-on error,warning --display-info \
      --tag-display-limit 0 "$directory"/build/*.deb 2>&1) || fail "$said"
    echo "$said"
    ! grep -q 'unused-override' <<<"$said" || fail "an override is for nothing"
    ;;

  reproducible)
    need_builders
    unpack
    time=$(stat -c %Y "$unpacked/sockopt/usr")
    elsewhere=$directory/in/another/place
    rm -rf "$elsewhere" "$directory/again"
    mkdir -p "$elsewhere"
    tar -C "$source" --exclude=./.build --exclude=./.git -c . | tar -C "$elsewhere" -x
    (
      umask 077
      export SOURCE_DATE_EPOCH=$time TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 CCACHE_DISABLE=1
      make "$elsewhere" "$directory/again" "$@"
    )
    for file in "$directory"/build/*.{deb,tar.gz}; do
      cmp "$file" "$directory/again/$(basename "$file")"
      echo "$(sha256sum <"$file" | cut -c 1-16) $(basename "$file")"
    done
    rm -rf "$elsewhere"
    ;;
esac
