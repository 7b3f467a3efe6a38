// SPDX-License-Identifier: MIT
//
// What a socket holds before anybody sets an option, where sockopt.ini has no value for that: no
// device, no CPU, no limit. It reads `unset`, and -o of `apply` takes it back.
#pragma once

#include <optional>
#include <string_view>

#include "shim/options/option.h"
#include "shim/options/value.h"

namespace sockopt {

inline constexpr std::string_view kUnset = "unset";

/// A listener that has no bound for its segments reads as this one, the default of RFC 9293.
inline constexpr std::int64_t kDefaultMss = 536;

/// The bytes that make the kernel forget the option; nothing where a value of sockopt.ini does, or
/// none.
std::optional<Value> unset_value(const Option& option);

/// Whether a socket that answers this has the option unset.
bool is_unset(const Option& option, const Value& held);

}  // namespace sockopt
