// SPDX-License-Identifier: MIT
//
// What is known of programs that set options on each connection after accept, for where no
// connection is open that would show it. By the name of a program, or by the language that it is
// written in: the net package of Go does it for all of them.
#pragma once

#include <span>
#include <string_view>

#include "tools/inspect/foreign_process.h"

namespace sockopt {

struct KnownSetting {
  std::string_view key;
  int value;  ///< in the kernel's unit
};

/// Empty where nothing is known of the program.
std::span<const KnownSetting> known_settings(std::string_view program, bool is_go);

bool is_go_program(const ForeignProcess& process);

}  // namespace sockopt
