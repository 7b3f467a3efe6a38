// SPDX-License-Identifier: MIT
//
// What the kernel told this process at exec(2), read where the kernel put it: a program may have a
// function of its own called getauxval.
#pragma once

#include <elf.h>

#include <optional>

namespace sockopt::system {

/// The value of `type` (AT_SECURE, AT_PAGESZ ...); nothing where it cannot be found.
std::optional<unsigned long> auxiliary_value(unsigned long type);

}  // namespace sockopt::system
