// SPDX-License-Identifier: MIT
//
// How much the library prints.
#pragma once

#include <cstdint>
#include <string_view>

namespace sockopt {

enum class LogLevel : std::uint8_t { kOff, kError, kWarn, kInfo, kDebug };

inline constexpr std::string_view kLogLevels = "off|error|warn|info|debug";

/// False if `text` is none of them.
bool parse_log_level(std::string_view text, LogLevel& level);
std::string_view log_level_name(LogLevel level);

}  // namespace sockopt
