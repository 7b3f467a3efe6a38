// SPDX-License-Identifier: MIT
//
// The command with a terminal for its output, which has a width and shows colours.
#pragma once

#include <string>
#include <vector>

#include "tests/support/sockopt_command.h"

namespace sockopt::test {

/// What the command shows on a terminal of so many columns, standard error as well.
std::string on_terminal(int columns, const std::vector<std::string>& arguments,
                        const Environment& variables = {});

/// In columns, of ASCII and of the signs of tools/sockopt/report/terminal.h.
std::size_t widest_line(const std::string& text);

}  // namespace sockopt::test
