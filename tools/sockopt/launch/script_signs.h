// SPDX-License-Identifier: MIT
//
// Signs that a script makes a new environment for what it starts, in languages that are not read.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sockopt {

struct ScriptSign {
  std::size_t line;
  std::string_view text;  ///< of that line
};

/// The first of them, outside of comments.
std::optional<ScriptSign> find_environment_sign(std::string_view script);

}  // namespace sockopt
