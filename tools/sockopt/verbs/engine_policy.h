// SPDX-License-Identifier: MIT
//
// The policy of verbs that attach one: `attach`, `pods`.
#pragma once

#include <memory>
#include <string_view>

#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

/// Says what the bpf engine leaves out. Null, after saying why, where nothing can be attached.
/// Throws UsageError where the command line asks for what cannot be.
std::unique_ptr<EffectivePolicy> engine_policy(std::string_view verb, const PolicySources& sources);

}  // namespace sockopt
