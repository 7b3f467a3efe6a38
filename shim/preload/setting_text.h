// SPDX-License-Identifier: MIT
//
// A setting, as messages name it.  Static, as in variable.h.
#pragma once

#include "shim/policy/rule.h"
#include "shim/policy/setting.h"
#include "shim/text/text.h"

namespace sockopt {

// `keepidle = 60s (/etc/sockopt.ini:3 [web])`
template <typename AnyPolicy>
static void describe_setting(const AnyPolicy& policy, const Setting& setting, Text& out) {
  out << policy.option(setting.option).key << " = ";
  policy.describe_value(setting, out);
  out << " (";
  policy.describe_origin(setting, out);
  const Rule& rule = policy.rule_of(setting);
  if (rule.kind == Rule::Kind::kRule) (out << " [").escaped(policy.name(rule)) << ']';
  out << ')';
}

}  // namespace sockopt
