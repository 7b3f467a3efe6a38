// SPDX-License-Identifier: MIT
//
// What `apply` changed, and how to undo it, kept in a file: the terminal that showed it is closed
// by the time that somebody asks.
#pragma once

#include <string>

#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

/// Where it is kept: of root in /var/lib/sockopt, of others in their own state directory, and where
/// XDG_STATE_HOME says so. Empty where there is no such place.
std::string history_path();

/// Adds a line, if something was changed. A history that cannot be written is a warning.
void remember_changes(const ChangeLog& log);

/// Prints it, the oldest first. Returns the exit status.
int print_history(Output& out, bool json);

}  // namespace sockopt
