// SPDX-License-Identifier: MIT
//
// One `key = value` becomes one setting of a policy: the road that the file, the SOCKOPT_*
// variables, -o and the presets share.
#pragma once

#include <string_view>

#include "shim/policy/policy.h"

namespace sockopt {

/// The option that `key` names, raw.LEVEL.NAME included; kNoOption, and a sentence in `error`,
/// where there is none.
OptionId resolve_key(Policy& policy, std::string_view key, Text& error);

/// Reads `value` for the option and adds it to the policy's current rule.  `line` is where it
/// stands, `preset` what brought it (Setting::preset).  On false nothing was added, and `error`
/// says why.
bool assign(Policy& policy, OptionId option, std::string_view value, std::uint32_t line,
            std::uint8_t preset, Text& error);

/// on off yes no true false 1 0, as for every option that is a boolean.
bool parse_boolean(std::string_view text, bool& value, Text& error);

}  // namespace sockopt
