// SPDX-License-Identifier: MIT
//
// Where the history of `apply` is, and what tells of when its lines are from.
#pragma once

#include <string>
#include <vector>

namespace sockopt {

/// Where it is kept: of root in /var/lib/sockopt, of others in their own state directory, and where
/// XDG_STATE_HOME says so. Empty where there is no such place.
std::string history_path();
/// The same, and root's, which may not be readable.
std::vector<std::string> history_paths();

/// What tells this start of the system from others, in which sockets have the same numbers.
std::string boot_id();

}  // namespace sockopt
