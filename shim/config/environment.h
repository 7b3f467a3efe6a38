// SPDX-License-Identifier: MIT
//
// The library's variables: SOCKOPT_DISABLE, SOCKOPT_CONFIG, SOCKOPT_LOG, SOCKOPT_ENFORCE,
// SOCKOPT_PRESET and a SOCKOPT_<KEY> for each option; and when to trust them.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/environment_view.h"
#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

/// Which of the variables `sockopt run` has set from -o, with their values: ` KEEPIDLE=60s`. To the
/// library they are like any other; who asks where a setting came from did not write any.
inline constexpr std::string_view kGivenVariable = "SOCKOPT_GIVEN";

/// Whether `preload`, the value of LD_PRELOAD, names this library.  A descendant of a set-user-ID
/// program has lost LD_PRELOAD but still has every SOCKOPT_* of its caller: without the
/// name, all variables are ignored.  `library` is the path we were loaded from, which may be a
/// renamed copy.
bool names_library(std::string_view preload, std::string_view library);

/// SOCKOPT_DISABLE.
bool is_disabled(const EnvironmentView& environment, FaultSink faults);

/// Adds SOCKOPT_PRESET, SOCKOPT_<KEY>, SOCKOPT_ENFORCE and SOCKOPT_LOG as the policy's last rule.
void read_environment(const EnvironmentView& environment, Policy& policy, FaultSink faults);

}  // namespace sockopt
