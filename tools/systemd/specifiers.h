// SPDX-License-Identifier: MIT
//
// `%i` and its like in the values of unit files, for units of the system's manager.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockopt {

/// Nothing where the text holds one that only the host itself could tell, such as its name.
std::optional<std::string> expand_specifiers(std::string_view text, std::string_view unit);

}  // namespace sockopt
