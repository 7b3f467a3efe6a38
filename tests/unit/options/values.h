// SPDX-License-Identifier: MIT
//
// Values in the tests are texts, as in the file: what a text is read as, written back as, and what
// is said where it is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shim/options/option.h"
#include "shim/options/value.h"

namespace sockopt::test {

/// The row of this key; ends the test program where there is none.
const Option& option_of(std::string_view key);

/// A row as the policy makes it for raw.6.200.
Option raw_option();

struct Parsed {
  std::optional<Value> value;
  std::string error;
};

Parsed parse(const Option& option, std::string_view text);

/// The number that `text` becomes; nothing where it is refused.
std::optional<std::int64_t> number_of(const Option& option, std::string_view text);

/// What is said about `text`; empty where it is accepted.
std::string error_of(const Option& option, std::string_view text);

std::string formatted(const Option& option, const Value& value);
std::string range_of(const Option& option);

}  // namespace sockopt::test
