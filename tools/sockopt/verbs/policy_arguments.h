// SPDX-License-Identifier: MIT
//
// What verbs have in common that go by a policy: -c, -o and --enforce.
#pragma once

#include "tools/sockopt/arguments.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

void declare_policy_sources(Arguments& arguments, PolicySources& sources);

/// For verbs that would else go on without: throws UsageError where -c names a file that cannot be
/// read, or an -o is faulty. What is wrong in a readable file is left to EffectivePolicy.
void require_sources(const PolicySources& sources);

/// Says on standard error why the policy is not as it was asked for.
void print_faults(const EffectivePolicy& effective);

}  // namespace sockopt
