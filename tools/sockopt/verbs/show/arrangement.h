// SPDX-License-Identifier: MIT
//
// Which sockets are shown, and in which order.
#pragma once

#include <vector>

#include "tools/sockopt/live/socket_groups.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {

/// Whether a socket is among those that are asked for.
bool is_shown(const TableForm& form, const CensusSocket& socket);

/// Leaves those that are asked for, in the order that is asked for; else as they come.
void arrange(const Census& census, const TableForm& form, std::vector<SocketGroup>& groups);

}  // namespace sockopt
