// SPDX-License-Identifier: MIT
//
// What the kernel counted in a network namespace since it exists, as far as it tells whether the
// options that are asked for are needed, or work.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/inspect/listen_drops.h"
#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// `of_listeners` is what those that are there count as drops (listener_dump.h), where that is
/// known: what a namespace counted may be of listeners that are gone.
Findings examine_counters(const Counters& counters, const std::vector<Wanted>& wanted,
                          const NetworkPlace& place, std::optional<std::uint64_t> of_listeners);

}  // namespace sockopt
