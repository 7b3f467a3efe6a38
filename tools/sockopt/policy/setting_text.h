// SPDX-License-Identifier: MIT
//
// A setting as people read it: its value, and the place it came from.
#pragma once

#include <string>

#include "shim/policy/policy.h"

namespace sockopt {

/// As it would be written in sockopt.ini, or `unset`.
std::string value_text(const Option& option, const Value& value);

/// The same, or `default`.
std::string value_text(const Policy& policy, const Setting& setting);

/// `sockopt.ini:12`, `SOCKOPT_KEEPIDLE`, `-o keepidle`.
std::string place_text(const Policy& policy, const Setting& setting);

/// The place with the rule and the preset: `sockopt.ini:12 [web]`, `sockopt.ini:4 balanced`.
std::string origin_text(const Policy& policy, const Setting& setting);

}  // namespace sockopt
