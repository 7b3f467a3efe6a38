// SPDX-License-Identifier: MIT
//
// A running process: whether the library is in it, what bounds its sockets where they are, and
// which of them are not as they should be.
#pragma once

#include <string>
#include <vector>

#include "tools/inspect/foreign_process.h"
#include "tools/sockopt/diagnosis/examined.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/reach.h"
#include "tools/sockopt/live/unreadable_process.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

struct ExaminedProcesses {
  std::vector<Examined> examined;
  std::vector<UnreadableProcess> unreadable;
};

/// What is around a process and changes what its sockets can be given.
Findings examine_surroundings(const ProcessFacts& facts, Container container);

/// Looks at one process after the other. Those of which the same is found are one: nginx(812),
/// nginx(813). Each is held against the policy that it has, or else against the effective one;
/// where `sources` say something, always against that.
ExaminedProcesses examine_processes(const std::vector<ProcessEntry>& processes,
                                    const EffectivePolicy& effective, const PolicySources& sources);

}  // namespace sockopt
