// SPDX-License-Identifier: MIT
//
// Which lines an INI file has, read a second time from sockopt.ini(5) and without inih.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt::fuzz {

struct NaiveLine {
  enum class Kind { kNothing, kSection, kEntry, kUnreadable };

  Kind kind = Kind::kNothing;
  bool is_section_like = false;  ///< of an unreadable one: begins with a bracket
  std::string key;               ///< or the section's name
  std::string value;
};

/// Line 1 is the first element.
std::vector<NaiveLine> naive_lines(std::string_view text);

std::string stripped(std::string_view text);

}  // namespace sockopt::fuzz
