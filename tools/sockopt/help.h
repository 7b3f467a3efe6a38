// SPDX-License-Identifier: MIT
//
// What the command can do, and how to ask for it.
#pragma once

#include "tools/sockopt/verb.h"

namespace sockopt {

/// All verbs, in a screenful. Returns the exit status.
int print_overview();

/// One verb, with the arguments that it declared.
int print_help(const Verb& verb, const Arguments& arguments);

}  // namespace sockopt
