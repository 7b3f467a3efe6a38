// SPDX-License-Identifier: MIT
//
// What `apply` changed, and how to undo it, kept in a file: the terminal that showed it is closed
// by the time that somebody asks.
#pragma once

#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

/// Adds a line, if something was changed. A history that cannot be written is a warning.
void remember_changes(const ChangeLog& log);

/// Prints it, the oldest first. Returns the exit status.
int print_history(Output& out, bool json);

}  // namespace sockopt
