// SPDX-License-Identifier: MIT
//
// The definition of a function that stands behind ours in the order in which the loader searches:
// what dlsym(RTLD_NEXT, name) answers.  Looked up in the loaded objects directly, because dlsym is
// what ties a library to a C library's age: before glibc 2.34 it is in libdl.so.2, which would be
// one more file to open at each start (25 us), and a link against a newer one keeps a program from
// starting at all on an older.  Nothing is allocated.
#pragma once

#include <string_view>

namespace sockopt {

/// Null where no object behind ours defines it.
void* next_symbol(const char* name);

/// The path that this library was loaded from; empty where the loader does not tell.
std::string_view own_path();

}  // namespace sockopt
