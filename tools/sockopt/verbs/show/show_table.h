// SPDX-License-Identifier: MIT
//
// What `sockopt show` prints for people: a line for each group of sockets that hold the same, `!`
// at what differs from the policy, and below why.
#pragma once

#include <functional>
#include <vector>

#include "tools/sockopt/live/census.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/show/fix.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {

/// The rows of the option table that have to be read for it.
OptionSet table_options(const TableForm& form);

/// How what is shown is fixed.
using FixFinder = std::function<Fix(const std::vector<SocketGroup>& shown)>;

void print_table(Output& out, Census& census, const TableForm& form, const FixFinder& fix);

}  // namespace sockopt
