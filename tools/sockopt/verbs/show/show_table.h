// SPDX-License-Identifier: MIT
//
// What `sockopt show` prints for people: a line for each group of sockets that hold the same, `!`
// at what departs from the policy, and below why.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/live/census.h"
#include "tools/sockopt/live/socket_groups.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

struct TableForm {
  bool each = false;  ///< a line for each socket, with its peer
  bool wide = false;  ///< all that is known, in lines as long as they come
  /// The command that says what would change if the policy were put there; empty: there is none.
  std::vector<std::string> remedy{};
};

/// The rows of the option table that have to be read for it.
OptionSet table_options(const TableForm& form);

void print_table(Output& out, Census& census, const TableForm& form);

}  // namespace sockopt
