// SPDX-License-Identifier: MIT
//
// What `sockopt show --json` prints for programs: every socket with every option of the table,
// integers in the kernel's units, null for what could not be read. One socket is one line, so that
// a file of a hundred thousand can be searched, and made, without holding it in memory.
#pragma once

#include "tools/sockopt/live/census.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/show/show_words.h"
#include "tools/sockopt/verbs/show/show_zmq.h"

namespace sockopt {

/// Stable: what is added to it later is new keys.
inline constexpr std::string_view kShowSchema = "sockopt.show/1";

/// Those that `form` asks for, in its order.
void print_json(Output& out, Census& census, const TableForm& form,
                const std::vector<ZmqProcess>& zmq);

}  // namespace sockopt
