// SPDX-License-Identifier: MIT
//
// What the dynamic linker tells a debugger: the objects that it has loaded.
#pragma once

#include <link.h>

namespace sockopt::system {

/// The first of the loaded objects, in the order in which the loader searches; null where it keeps
/// no list for debuggers.
const link_map* first_loaded();

/// Whether the objects behind this one in that order are initialized before it: glibc's loader does
/// so, and musl's begins with the first that is preloaded.
bool initializes_from_behind();

/// Whether the loader has defined this variable, and not the program.
bool is_the_loaders(const void* variable);

/// The object that has this code in it; null where there is none, or the loader keeps no list.
const link_map* object_around(const void* address);

}  // namespace sockopt::system
