// SPDX-License-Identifier: MIT
//
// Address patterns a second time: their grammar as regular expressions, and what they match counted
// bit by bit.
#pragma once

#include <optional>
#include <string>

#include "tests/unit/policy/addresses.h"

namespace sockopt::test {

struct NaivePattern {
  std::string text;
  bool excludes = false;
  Address::Family family = Address::Family::kNone;  ///< kNone: any
  Bytes bytes{};
  int prefix = 0;
  int first_port = 0;
  int last_port = 65535;

  bool matches(const Address& address) const;
};

/// Nothing where the text is no pattern.
std::optional<NaivePattern> naive_pattern(const std::string& text);

inline bool is_naive_pattern(const std::string& text) { return naive_pattern(text).has_value(); }

}  // namespace sockopt::test
