// SPDX-License-Identifier: MIT
//
// What the kernel counted in a network namespace since it exists, as far as it tells whether the
// options that are asked for are needed, or work.
#pragma once

#include <vector>

#include "tools/inspect/listen_drops.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

Findings examine_counters(const Counters& counters, const std::vector<Wanted>& wanted,
                          const NetworkPlace& place);

}  // namespace sockopt
