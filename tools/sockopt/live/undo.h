// SPDX-License-Identifier: MIT
//
// The commands that bring back what `apply` found. They must reach the sockets that were changed
// and no other: where all listeners of the processes had the same done to them, naming the
// processes does; else their address; else the sockets' own numbers.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/live/change_log.h"

namespace sockopt {

/// Each as its words, `sockopt` first. Empty where nothing was changed.
std::vector<std::vector<std::string>> undo_commands(const ChangeLog& log);

/// What stays in spite of them, in sentences.
std::vector<std::string> lasting_changes(const ChangeLog& log);

}  // namespace sockopt
