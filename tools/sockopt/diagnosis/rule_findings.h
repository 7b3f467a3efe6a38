// SPDX-License-Identifier: MIT
//
// What the rules of a policy do to one another and to themselves: settings that can never win or
// never do anything, privileges that they need, listeners that they will not match.
#pragma once

#include "shim/policy/policy.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

Findings find_rule_findings(const Policy& policy, const zmq::Policy& of_zmq);

}  // namespace sockopt
