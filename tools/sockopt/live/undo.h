// SPDX-License-Identifier: MIT
//
// The commands that bring back what `apply` found. They name the sockets themselves, by number: a
// process or an address may have others by then, which were not changed.
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
