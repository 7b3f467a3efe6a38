#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The packages, as `cmake --build --preset package` makes them:
#
#   packages.sh build DIRECTORY [CMAKE ARGUMENT]...   makes them in DIRECTORY/build and below i386, for the
#                                                     others
#   packages.sh contents|hardening|lintian|archive|rpm DIRECTORY
#   packages.sh reproducible|aarch64 DIRECTORY [CMAKE ARGUMENT]...
set -euo pipefail
export LC_ALL=C
what=$1 directory=$2
shift 2
. "$(dirname "$0")/../portability/connections.sh"
tests=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
source=$(cd "$tests/../.." && pwd)

fail() {
  echo "Failed: $*"
  exit 1
}

# make PRESET SOURCE BUILD [CMAKE ARGUMENT]...
make() {
  local preset=$1 source=$2 build=$3 log=$3.log targets=(package)
  shift 3
  case $preset in
    package) targets+=(archive rpm) ;;
    package-aarch64) targets=(archive) ;;
  esac
  rm -f "$build"/*.{deb,tar.gz,rpm}
  {
    (cd "$source" && cmake --preset "$preset" -B "$build" "$@") &&
      cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}"
  } >"$log" 2>&1 || {
    tail -n 60 "$log"
    exit 1
  }
}

# make_i386 SOURCE BUILD [CMAKE ARGUMENT]...: the library for 32-bit programs.
make_i386() {
  make package-i386 "$1" "$2" -DCMAKE_FIND_ROOT_PATH="$directory/i386.packages/root" "${@:3}"
}

# unpack: all packages below $unpacked, and the libraries and the command in $programs.
unpacked=$directory/unpacked.$what
# shellcheck disable=SC2016 # dpkg-deb's own
unpack() {
  local deb
  rm -rf "$unpacked"
  mkdir "$unpacked"
  for deb in "$directory"/build/*.deb; do
    dpkg-deb -R "$deb" "$unpacked/$(dpkg-deb --show --showformat='${Package}.${Architecture}' "$deb")"
  done
  mapfile -t programs < <(find "$unpacked" -name '*.so' -o -path '*/bin/*')
}

# Those that the compiler and the linker cannot do without, for the preset asks for the bpf engine.
need_builders() { need cmake ninja clang bpftool dpkg-deb dpkg-shlibdeps file gzip rpmbuild; }
# bpftool is where only root looks.
PATH=$PATH:/usr/sbin:/sbin

case $what in
  build)
    need_builders
    need i686-linux-gnu-gcc i686-linux-gnu-g++
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    "$here/debian_packages.sh" "$release" i386 "$directory/i386.packages" libinih-dev
    make package "$source" "$directory/build" "$@"
    make_i386 "$source" "$directory/i386" "$@"
    cp "$directory"/i386/*.deb "$directory/build"
    i686-linux-gnu-gcc -O1 -Wall -Wextra -Werror -nostartfiles -fno-stack-protector "$tests/child.c" \
      -o "$directory/build/child32"
    # Where this kernel runs no such programs, an emulator that needs no library does; Debian 13 has it in
    # another package.
    rm -f "$directory/build/emulator32"
    if ! i686-linux-gnu-gcc -static -x c -o "$directory/static32" - <<<'int main(void) { return 0; }' ||
      ! "$directory/static32" 2>/dev/null; then
      emulator=qemu-user-static
      [[ $release != trixie ]] || emulator=qemu-user
      "$here/debian_packages.sh" "$release" "$(dpkg --print-architecture)" \
        "$directory/emulator" "$emulator"
      cp "$(echo "$directory"/emulator/root/usr/bin/qemu-i386*)" "$directory/build/emulator32"
    fi
    ls -l "$directory"/build/*.deb
    ;;

  contents)
    unpack
    own=$(dpkg --print-architecture)
    for one in "libsockopt.$own" "sockopt.$own" libsockopt.i386; do
      root=$unpacked/$one package=${one%.*}
      triplet=$(dpkg-architecture -a "${one#*.}" -q DEB_HOST_MULTIARCH)
      # Type and mode, and the name.
      found=$(cd "$root" && find . -mindepth 1 ! -type d -printf '%M %P\n' | sort -k 2)
      diff <(sed "s|TRIPLET|$triplet|" "$tests/$package.files") <(echo "$found") ||
        fail "$one has other files (< expected, > found)"
      (cd "$root" && md5sum --quiet --check DEBIAN/md5sums)
      owners=$(dpkg-deb -c "$directory"/build/"$package"_*_"${one#*.}".deb | awk '{ print $2 }' | sort -u)
      [[ $owners == root/root ]] || fail "files of $one are of $owners"
      find "$root" -name '*.gz' -exec gzip --test {} +
      while read -r field; do
        grep -qE "^$field" "$root/DEBIAN/control" || fail "the control file of $one has no $field"
      done < <(grep -hE "^(both|$package) " "$tests/fields" | cut -d ' ' -f 2-)
    done
    cmp "$source/sockopt.ini" "$unpacked/sockopt.$own/etc/sockopt.ini"
    # Two packages of one name share all files but the libraries, which need no younger function than they
    # say.
    diff -r "$unpacked/libsockopt.$own/usr/share" "$unpacked/libsockopt.i386/usr/share"
    for library in "$unpacked"/*/usr/lib/*/*.so; do
      versions=$(objdump -T "$library" | grep -F '*UND*' | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
      [[ $(printf '%s\n' GLIBC_2.17 "$versions" | sort -V | tail -n 1) == GLIBC_2.17 ]] ||
        fail "$library needs $versions"
    done
    # Of the commit, where there is one; of nothing that the building has made.
    time=$(git -C "$source" log -1 --format=%ct 2>/dev/null || stat -c %Y "$source/CHANGELOG.md")
    times=$(find "$unpacked"/*/usr -printf '%Ts\n' | sort -u)
    [[ $times == "$time" ]] || fail "the times of the files are $times, and not $time"
    ;;

  hardening)
    need readelf
    unpack
    ((${#programs[@]} == 5)) || fail "unpacked: ${programs[*]}"
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
    # In a root with musl and nothing else in it: the command needs no other file.
    need musl-gcc
    root=$directory/archive
    rm -rf "$root"
    mkdir -p "$root"/{usr/local,etc,lib,proc}
    tar -C "$root/usr/local" -xzf "$directory"/build/*.tar.gz --strip-components=1
    diff <(sed "s|TRIPLET|$(gcc -print-multiarch)|" "$tests/archive.files") \
      <(cd "$root/usr/local" && find . ! -type d -printf '%M %P\n' | sort -k 2) ||
      fail "the archive has other files (< expected, > found)"
    cmp "$directory/build/libsockopt.so" "$(find "$root" -name libsockopt.so)"
    headers=$(readelf --wide --program-headers "$root/usr/local/bin/sockopt")
    [[ $headers == *DYNAMIC* && $headers != *INTERP* ]] || fail "the archive's command is not static"
    version=$(dpkg-deb -f "$directory"/build/sockopt_*.deb Version)
    ((EUID == 0)) || skip "only root can change the root directory"
    enter=(unshare --mount --pid --fork --propagation private --mount-proc="$root/proc" chroot "$root")
    found=$("${enter[@]}" /usr/local/bin/sockopt --version | head -n 1)
    [[ $found == "sockopt $version" ]] || fail "it says $found, and not $version"

    musl-gcc -Wall -Wextra -Werror -O1 "$here/victims/connections.c" \
      -o "$root/connections" -pthread
    loader=$(readelf -l "$root/connections" | sed -n 's/.*interpreter: \(.*\)]$/\1/p')
    cp -L "$loader" "$root/lib"
    expect without "${enter[@]}" /connections
    expect with "${enter[@]}" /usr/local/bin/sockopt run -o keepalive=on -o keepidle=61s -o backlog=64 \
      -- /connections

    echo 'nobody:x:65534:65534::/:/bin/false' >"$root/etc/passwd"
    cp "$source/sockopt.ini" "$root/etc"
    found=$("${enter[@]}" /usr/local/bin/sockopt check --user nobody /etc/sockopt.ini 2>&1) ||
      fail "$found"
    found=$("${enter[@]}" /usr/local/bin/sockopt check --user somebody /etc/sockopt.ini 2>&1) &&
      fail "it knows somebody: $found"
    rm -rf "$root"
    ;;

  rpm)
    need rpm rpmlint
    for rpm in "$directory"/build/*.rpm; do
      package=$(rpm -qp --qf '%{NAME}' "$rpm")
      diff "$tests/$package.rpm.files" \
        <(rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags} %{FILENAMES}\n]' \
          "$rpm" | grep -v '^d') || fail "$package has other files (< expected, > found)"
      rpm --checksig --nosignature "$rpm" >/dev/null
      for script in PREUN POSTUN POSTIN; do
        [[ $(rpm -qp --qf "%{$script}" "$rpm") != '(none)' ]] || fail "$package has no %$script"
      done
    done
    said=$(rpmlint --config "$tests/rpmlint.toml" "$directory"/build/*.rpm 2>&1) || fail "$said"
    tail -n 1 <<<"$said"
    ;;

  aarch64)
    need_builders
    need aarch64-linux-gnu-gcc aarch64-linux-gnu-g++ qemu-aarch64 readelf
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    "$here/debian_packages.sh" "$release" arm64 "$directory/arm64.packages" libinih-dev libbpf-dev \
      libelf-dev zlib1g-dev libzstd-dev
    # Of fmt only the headers are used, which are the same.
    make package-aarch64 "$source" "$directory/aarch64" \
      -DCMAKE_FIND_ROOT_PATH="$directory/arm64.packages/root" \
      -Dfmt_DIR="/usr/lib/$(gcc -print-multiarch)/cmake/fmt" "$@"
    root=$directory/aarch64/unpacked
    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xzf "$directory"/aarch64/*-linux-aarch64.tar.gz --strip-components=1
    diff <(sed "s|TRIPLET|aarch64-linux-gnu|" "$tests/archive.files") \
      <(cd "$root" && find . ! -type d -printf '%M %P\n' | sort -k 2) ||
      fail "the archive has other files (< expected, > found)"
    headers=$(readelf --wide --file-header --program-headers "$root/bin/sockopt")
    [[ $headers == *AArch64* && $headers != *INTERP* ]] || fail "the command is no static one for aarch64"
    # Emulated, a program starts no other; the library is told of by the emulator.
    command=(qemu-aarch64 "$root/bin/sockopt")
    version=$(sed -n 's/^  VERSION \(.*\)$/\1/p' "$source/CMakeLists.txt")
    [[ $("${command[@]}" --version) == "sockopt $version" ]] || fail "the command has another version"
    "${command[@]}" check "$source/sockopt.ini"
    printf '[sockopt]\nkeepidle = 61s\nkeepidle = x\n' >"$root/wrong.ini"
    ! "${command[@]}" check "$root/wrong.ini" >/dev/null 2>&1 || fail "the command finds no fault"
    aarch64-linux-gnu-gcc -O1 "$here/victims/connections.c" -o "$root/connections" -pthread
    for library in "$root"/lib/*/*.so; do
      [[ $(readelf --file-header "$library") == *AArch64* ]] || fail "$library is for something else"
    done
    # The emulator passes on only the first bytes of TCP_INFO.
    not_expected=(backlog)
    expect with qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_PRELOAD="$(echo "$root"/lib/*/libsockopt.so)" \
      -E SOCKOPT_KEEPALIVE=on -E SOCKOPT_KEEPIDLE=61s -E SOCKOPT_BACKLOG=64 "$root/connections"
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
    time=$(stat -c %Y "$unpacked/sockopt.$(dpkg --print-architecture)/usr")
    elsewhere=$directory/in/another/place
    rm -rf "$elsewhere" "$directory/again"
    mkdir -p "$elsewhere"
    tar -C "$source" --exclude=./.build --exclude=./.git -c . | tar -C "$elsewhere" -x
    (
      umask 077
      export SOURCE_DATE_EPOCH=$time TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 CCACHE_DISABLE=1
      make package "$elsewhere" "$directory/again" "$@"
      make_i386 "$elsewhere" "$directory/again_i386" "$@"
    )
    for file in "$directory"/build/*.{deb,tar.gz,rpm}; do
      cmp "$file" "$directory"/again*/"$(basename "$file")"
      echo "$(sha256sum <"$file" | cut -c 1-16) $(basename "$file")"
    done
    rm -rf "$elsewhere"
    ;;
esac
