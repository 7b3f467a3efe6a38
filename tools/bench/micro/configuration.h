// SPDX-License-Identifier: MIT
//
// Configurations to measure with, and the plan that a program gets from them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "shim/policy/plan.h"

namespace sockopt::bench {

inline constexpr char kSixSettings[] =
    "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n"
    "user_timeout = 120s\nnodelay = on\n";

/// Six settings, and rules about other addresses.
std::string with_rules(std::int64_t count);

/// Ends the program where the text has a fault: then less would be measured.
void read_into(Policy& policy, std::string_view text);
std::unique_ptr<Policy> read(std::string_view text);
std::unique_ptr<Plan> plan(const Policy& policy);

}  // namespace sockopt::bench
