#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compiler.sh DIRECTORY: compiles and runs a dynamic and a static program.
cd "$1" || exit 1
export LC_ALL=C
cat >hello.c <<'END'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
END
cc -O1 -pipe -o dynamic hello.c && ./dynamic
cc -static -o static hello.c && ./static
echo 'int main(void) { return nothing; }' | cc -x c -o none - || echo "fails as it should"
