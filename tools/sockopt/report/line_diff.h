// SPDX-License-Identifier: MIT
//
// What becomes of a small file, line by line, as diff(1) would show all of it.
#pragma once

#include <string>
#include <string_view>

namespace sockopt {

/// Each line behind `+ ` where it is new, `- ` where it goes, and two blanks where it stays.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace sockopt
