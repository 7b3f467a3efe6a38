// SPDX-License-Identifier: MIT
//
// The policy that is a process's own: what the library in it holds, or, where the files have
// changed since it was read, what it would hold if it were started again now.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shim/policy/policy.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/held_policy.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

struct OwnPolicy {
  std::unique_ptr<Policy> policy;  ///< null: it has none of its own
  Findings faults;                 ///< of the files as they are now
  std::string note;                ///< why it is not what the process holds; empty: it is
};

/// What the process would hold if it were started again now; nothing where its files are as it has
/// read them, or cannot be seen.
std::optional<OwnPolicy> changed_policy(const ForeignProcess& process, const Policy& held);

/// `held` is what read_held_policy said.
OwnPolicy own_policy(const ForeignProcess& process, std::optional<HeldPolicy> held);

}  // namespace sockopt
