// SPDX-License-Identifier: MIT
//
// The table of ZeroMQ's options, in the listing of all options and by `zmq.KEY`.
#pragma once

#include <optional>
#include <string>

#include "shim/options/option_set.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

void print_zmq_table(Output& out, const Style& style, std::optional<std::size_t> width);
void print_zmq_option(Output& out, const Style& style, OptionId row);

/// The row of `zmq.KEY`; throws UsageError where there is none.
OptionId find_zmq_row(std::string_view key);

}  // namespace sockopt
