// SPDX-License-Identifier: MIT
//
// One `key = value` becomes one setting of a policy: the road that the file, the SOCKOPT_*
// variables and -o share.
#pragma once

#include <string_view>

#include "shim/policy/policy.h"

namespace sockopt {

/// The option that `key` names, raw.LEVEL.NAME included; kNoOption, and a sentence in `error`,
/// where there is none.
OptionId resolve_key(Policy& policy, std::string_view key, Text& error);

/// Adds `value` for the option to the policy.  On false nothing was added, and `error` says why.
bool assign(Policy& policy, OptionId option, std::string_view value, Origin origin, Text& error);

}  // namespace sockopt
