// SPDX-License-Identifier: MIT
//
// What `sockopt show --prometheus` prints for monitoring: the text format of Prometheus, as
// node_exporter's textfile collector takes it. No label holds a pid or a peer: each would be a new
// time series with every restart and every connection.
#pragma once

#include <optional>
#include <string_view>

#include "tools/sockopt/live/census.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

/// `before` is the file that is replaced, from which its counters go on; empty: there was none;
/// nothing: what is printed is no file.
void print_prometheus(Output& out, Census& census, std::optional<std::string_view> before);

}  // namespace sockopt
