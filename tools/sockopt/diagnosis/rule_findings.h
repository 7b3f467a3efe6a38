// SPDX-License-Identifier: MIT
//
// What the rules of a policy do to one another and to themselves: settings that can never win or
// never do anything, privileges that they need, listeners that they will not match.
#pragma once

#include <functional>
#include <string>

#include "shim/policy/policy.h"
#include "tools/sockopt/policy/findings.h"

namespace sockopt {

/// Takes a line of a rule and what is to be said about it.
using RuleSink = std::function<void(Finding::Kind kind, const Rule& rule, std::uint32_t line,
                                    std::string message)>;

void find_rule_findings(const Policy& policy, const RuleSink& sink);

}  // namespace sockopt
