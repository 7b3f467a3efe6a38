#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Builds the command without the bpf engine, as it is where clang, bpftool and libbpf are missing and
# where it is switched off, and looks at what the verbs say then:
#
#   without_engine.sh DIRECTORY [CMAKE ARGUMENT]...
#
# DIRECTORY is the build tree, and is used again.
set -euo pipefail
tree=$1
shift
. "$(dirname "$0")/connections.sh"

need cmake ninja
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)
log=$tree/build.log
targets=(sockopt sockopt_preload)
[[ ! -e /usr/include/gtest/gtest.h ]] || targets+=(bpf_tests)

# build ARGUMENT...: with these settings, without a warning.
build() {
  {
    cmake -S "$here/../.." -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST "$@" &&
      cmake --build "$tree" --parallel "$(nproc)" --target "${targets[@]}"
  } >"$log" 2>&1 || {
    tail -n 60 "$log"
    exit 1
  }
}

# says STATUS TEXT COMMAND...: ends with that status, and says that among what it says.
says() {
  local wanted=$1 text=$2 status=0 said
  shift 2
  said=$("$@" 2>&1 </dev/null) || status=$?
  if ((status != wanted)) || [[ $said != *"$text"* ]]; then
    printf 'Failed: %q ended with %s and said:\n%s\nand not:\n%s\n' "$*" "$status" "$said" "$text"
    exit 1
  fi
}

# expect_verbs LACKS FIX: of every verb that has to do with the engine.
expect_verbs() {
  local without="built without the bpf engine ($1)" verb=$tree/sockopt
  local said="this command was $without; $2"
  says 1 "sockopt: attach: $said" "$verb" attach --no-file -o keepidle=60s --host
  says 1 "sockopt: attach: $said" "$verb" attach --list
  says 1 "sockopt: detach: $said" "$verb" detach --all
  says 1 "sockopt: watch: $said" "$verb" watch --once
  # What a policy would give is known all the same.
  says 0 "this command cannot attach it: it was $without" \
    "$verb" explain --engine bpf -o keepidle=60s --listen 443
  says 0 "this command cannot attach it: it was $without" "$verb" check --engine bpf "$tree/sockopt.ini"
  says 0 sockopt_processes "$verb" show --prometheus $$
  if [[ -e $tree/bpf_tests ]]; then
    # Those of the engine are skipped, each with the reason.
    "$tree/bpf_tests" --gtest_brief=0 >"$tree/tests.log" 2>&1 || {
      grep -A 20 'FAILED' "$tree/tests.log"
      exit 1
    }
    grep -q "$without" "$tree/tests.log"
    grep -E '^\[  (PASSED|SKIPPED) \] [0-9]+ tests?' "$tree/tests.log"
  fi
}

write_configuration "$tree/sockopt.ini"
tools=(-DSOCKOPT_BPF_CLANG= -DSOCKOPT_BPFTOOL= -DSOCKOPT_LIBBPF_INCLUDE_DIR= -DSOCKOPT_LIBBPF=)
echo 'where the tools are missing'
build -DSOCKOPT_BPF=AUTO "${tools[@]}" "$@"
expect_verbs 'without clang, bpftool, libbpf-dev' 'install clang, bpftool, libbpf-dev, and build it again'
grep -q 'Building without the bpf engine; it needs clang, bpftool, libbpf-dev' "$log"
echo 'switched off'
build -DSOCKOPT_BPF=OFF "$@"
expect_verbs 'SOCKOPT_BPF=OFF' 'build it with SOCKOPT_BPF=ON'
echo 'asked for in vain'
says 1 'SOCKOPT_BPF is ON, but these are missing: clang, bpftool, libbpf-dev' \
  cmake -S "$here/../.." -B "$tree" -DSOCKOPT_BPF=ON "$@"
