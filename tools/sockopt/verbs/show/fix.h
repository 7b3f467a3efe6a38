// SPDX-License-Identifier: MIT
//
// What brings sockets in line with the policy: `apply`, as far as that can, with the processes and
// the policy of this call.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tools/inspect/targets.h"
#include "tools/sockopt/live/socket_groups.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

struct Fix {
  std::vector<std::string> command;     ///< empty: `apply` can do nothing here
  std::set<std::string> after_restart;  ///< keys that it cannot set on sockets that exist
  bool is_barred = false;               ///< it does nothing while the configuration has errors
};

/// Of these groups, which are shown. Without a query it names processes by their numbers.
Fix fix_for(Census& census, const std::vector<SocketGroup>& groups, const TargetQuery& query,
            const EffectivePolicy& effective, const PolicySources& sources);

}  // namespace sockopt
