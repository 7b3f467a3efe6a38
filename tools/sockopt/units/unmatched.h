// SPDX-License-Identifier: MIT
//
// Names of processes and units that named no process, and why.
#pragma once

#include "tools/inspect/targets.h"

namespace sockopt {

/// Says so on standard error.
void complain_of_unmatched(const Targets& targets, const TargetQuery& query);

}  // namespace sockopt
