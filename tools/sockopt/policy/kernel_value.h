// SPDX-License-Identifier: MIT
//
// A value as programs read it, the same in every verb's JSON: an integer in the kernel's unit, or
// text where it is no number.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "shim/options/option.h"
#include "shim/options/value.h"

namespace sockopt {

using KernelValue = std::variant<std::int64_t, std::uint64_t, std::string>;

/// Of `linger` -1 off, 0 reset, or the seconds; of a rate that is unlimited, all bits set.
KernelValue kernel_value(const Option& option, const Value& value);

nlohmann::ordered_json kernel_value_json(const Option& option, const Value& value);

/// `s`, `ms`, `us`, `bytes`, `bytes/s`; empty for what is only counted.
std::string_view kernel_unit(const Option& option);

/// The same, or null.
nlohmann::ordered_json kernel_unit_json(const Option& option);

}  // namespace sockopt
