// SPDX-License-Identifier: MIT
#include "shim/policy/log_level.h"

#include <iterator>

#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr FixedText<6> kNames[] = {"off", "error", "warn", "info", "debug"};

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& level) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (equals_ignoring_case(text, kNames[i])) {
      level = static_cast<LogLevel>(i);
      return true;
    }
  }
  return false;
}

std::string_view log_level_name(LogLevel level) { return kNames[static_cast<std::size_t>(level)]; }

}  // namespace sockopt
