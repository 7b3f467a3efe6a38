// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>
#include <string>

namespace sockopt {

/// `2026-11-30 17:05:31`, by this host's clock; `?` where there is no such time.
std::string time_text(std::time_t when);

}  // namespace sockopt
