// SPDX-License-Identifier: MIT
//
// Turns one `key = value` into one setting of a policy.  The file, the SOCKOPT_* variables, -o and
// the presets all come through here.
#pragma once

#include <string_view>

#include "shim/policy/policy.h"

namespace sockopt {

/// The option that `key` names, raw.LEVEL.NAME included; else kNoOption, with the reason in
/// `error`, and a suggestion only if it `suggests`.
OptionId resolve_key(Policy& policy, std::string_view key, Text& error, bool suggests = true);

/// Reads `value` into the setting of such an option. If false, `error` says why.
bool read_value(const Option& option, std::string_view value, Setting& setting, Text& error);

/// Reads `value` for the option and adds it to the policy's current rule.  `line` is its
/// place, `preset` where it comes from (Setting::preset).  If false, nothing was added, and `error`
/// says why.
bool assign(Policy& policy, OptionId option, std::string_view value, std::uint32_t line,
            std::uint8_t preset, Text& error);

/// Whether a value is in quotes, which mean nothing here: they would be part of a name.
bool is_quoted(std::string_view value);

/// on off yes no true false 1 0, as for every boolean option.
bool parse_boolean(std::string_view text, bool& value, Text& error);

}  // namespace sockopt
