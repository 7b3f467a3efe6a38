// SPDX-License-Identifier: MIT
//
// What every reader of sections and their entries says and sees alike. Static, as in variable.h.
#pragma once

#include <string_view>

#include "shim/text/text.h"

namespace sockopt {

// The name in `rule NAME`; false if the section is not a rule.
static inline bool rule_name(std::string_view section, std::string_view& name) {
  constexpr std::string_view kRulePrefix = "rule";
  if (!section.starts_with(kRulePrefix)) return false;
  name = slice(section, kRulePrefix.size());
  if (!name.empty() && !is_space(name.front())) return false;
  name = trim(name);
  return true;
}

// `KEY = VALUE: `, as every message about a value begins.
static inline void quote_entry(std::string_view key, std::string_view value, Text& out) {
  (out.escaped(key, 40) << " = ").escaped(value, 60) << ": ";
}

}  // namespace sockopt
