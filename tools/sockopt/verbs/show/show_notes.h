// SPDX-License-Identifier: MIT
//
// What stands below the table of `sockopt show`: why sockets differ from the policy and what can be
// done about it, and what could not be shown.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/live/socket_groups.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/show/fix.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {

/// Each text once, however many groups it is about.
void print_drift(Output& out, Census& census, const std::vector<SocketGroup>& groups,
                 const TableForm& form);

/// The titles of columns that the terminal has no room for.
void print_left_out(Output& out, const std::vector<std::string>& titles);

/// Processes that the rules for programs all pass by, and what would name them.
void print_unnamed(Output& out, const Census& census, const std::vector<SocketGroup>& groups);

/// Where what a listener dropped is known only within bounds.
void print_drops_note(Output& out, const std::vector<SocketGroup>& groups);

/// Processes that hold a policy whose files have changed since.
void print_changed_files(Output& out, const Census& census, const std::vector<SocketGroup>& groups);

/// Processes whose sockets have options by `attach`, which is not what they are held to here.
void print_attached(Output& out, const Census& census, const std::vector<SocketGroup>& groups,
                    const EngineReach& engine);

/// How many there are, how many differ, and from what.
void print_summary(Output& out, const Census& census, const std::vector<SocketGroup>& groups,
                   const TableForm& form, const EngineReach& engine);

/// How that is fixed.
void print_fix(Output& out, const Fix& fix);

}  // namespace sockopt
