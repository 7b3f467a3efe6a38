// SPDX-License-Identifier: MIT
//
// What exec(2) left on the first thread's stack, read where it lies: a program may have a function
// of its own called getauxval, or a variable called environ.
#pragma once

#include <elf.h>

#include <optional>

namespace sockopt::system {

/// The value of `type` (AT_SECURE, AT_PAGESZ ...); nothing where it cannot be found.
std::optional<unsigned long> auxiliary_value(unsigned long type);

/// The variables, of which unsetenv(3) may have removed some; null where they cannot be found.
const char* const* initial_environment();

/// Whether this is on the first thread's stack, and so is all from there to the stack's end.
bool is_on_main_stack(const void* pointer);

}  // namespace sockopt::system
