// SPDX-License-Identifier: MIT
//
// From argv to a verb. Each verb has a parser of its own: one parser with subcommands would take
// the program of `sockopt run check` for a verb.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/verb.h"

namespace sockopt {

/// Reads the arguments of the verb and does what they ask for. Returns the exit status.
int call(const Verb& verb, std::vector<std::string> words);

}  // namespace sockopt
