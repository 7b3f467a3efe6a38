// SPDX-License-Identifier: MIT
//
// LD_PRELOAD with the library in front of what it holds, and once: two copies of the shim in one
// process would do everything twice.
#pragma once

#include <string>
#include <string_view>

namespace sockopt {

std::string preload_with(std::string_view library, std::string_view before);

}  // namespace sockopt
