// SPDX-License-Identifier: MIT
//
// The text of a unit file or drop-in, line by line: sections and assignments, with systemd's rules
// for comments and continued lines. What the values mean is not known here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

struct UnitAssignment {
  std::string section;  ///< `Service`
  std::string key;
  std::string value;       ///< continued lines are joined; quotes stand as they are
  std::uint32_t line = 0;  ///< from 1: where it begins

  bool operator==(const UnitAssignment&) const = default;
};

/// In the order of the text. Lines that systemd passes over are passed over.
std::vector<UnitAssignment> parse_unit_file(std::string_view text);

}  // namespace sockopt
