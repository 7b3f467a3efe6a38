// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockopt {

/// `1 setting`, `2 settings`, `2 processes`.
std::string counted(std::size_t count, std::string_view noun);

}  // namespace sockopt
