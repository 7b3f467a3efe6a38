// SPDX-License-Identifier: MIT
//
// The library's variables: SOCKOPT_DISABLE, SOCKOPT_CONFIG, SOCKOPT_LOG, SOCKOPT_ENFORCE and a
// SOCKOPT_<KEY> for each option; and when to trust them.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

inline constexpr std::string_view kEnvironmentSource = "environment";
inline constexpr std::string_view kVariablePrefix = "SOCKOPT_";

/// The value of a variable in `environment` (as environ(7)); empty if it is unset or empty.
std::string_view get_variable(const char* const* environment, std::string_view name);

/// Whether `preload`, the value of LD_PRELOAD, names this library.  A descendant of a set-user-ID
/// program has lost LD_PRELOAD but still has every SOCKOPT_* of its caller: without the
/// name, all variables are ignored.  `library` is the path we were loaded from, which may be a
/// renamed copy.
bool names_library(std::string_view preload, std::string_view library);

/// SOCKOPT_DISABLE.
bool is_disabled(const char* const* environment, FaultSink faults);

/// Adds SOCKOPT_<KEY>, SOCKOPT_ENFORCE and SOCKOPT_LOG as the policy's last rule.
void read_environment(const char* const* environment, Policy& policy, FaultSink faults);

}  // namespace sockopt
