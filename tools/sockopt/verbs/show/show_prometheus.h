// SPDX-License-Identifier: MIT
//
// What `sockopt show --prometheus` prints for monitoring: the text format of Prometheus, as
// node_exporter's textfile collector takes it. No label holds a pid or a peer: each would be a new
// time series with every restart and every connection.
#pragma once

#include "tools/sockopt/live/census.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

void print_prometheus(Output& out, Census& census);

}  // namespace sockopt
