// SPDX-License-Identifier: MIT
//
// What the kernel counted in a network namespace since it exists, as far as it tells whether the
// options that are asked for are needed, or work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/diagnosis/network_place.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

using Counters = std::map<std::string, std::uint64_t, std::less<>>;

/// /proc/net/netstat: pairs of lines, names above numbers. The names are `TcpExt.ListenDrops`.
Counters parse_counters(std::string_view netstat);

Findings examine_counters(const Counters& counters, const std::vector<Wanted>& wanted,
                          const NetworkPlace& place);

}  // namespace sockopt
