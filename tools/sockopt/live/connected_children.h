// SPDX-License-Identifier: MIT
//
// A master listens and its workers hold the connections: who names the master alone has not named
// these.
#pragma once

#include <functional>
#include <vector>

#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/process_tree.h"

namespace sockopt {

/// Processes below `named`, and not among them, that hold a connection which `is_meant`.
std::vector<ProcessEntry> connected_children(
    const std::vector<ProcessEntry>& named,
    const std::function<bool(const ForeignProcess&, const SocketFacts&)>& is_meant);

}  // namespace sockopt
