// SPDX-License-Identifier: MIT
//
// The files that EnvironmentFile= names: assignments with a quoting like the shell's, but not the
// shell's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/unit_words.h"

namespace sockopt {

struct EnvironmentFileEntry {
  UnitVariable variable;
  std::uint32_t line = 0;  ///< from 1

  bool operator==(const EnvironmentFileEntry&) const = default;
};

/// In the order of the text. What assigns to no variable is left out.
std::vector<EnvironmentFileEntry> parse_environment_file(std::string_view text);

}  // namespace sockopt
