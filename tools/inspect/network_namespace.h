// SPDX-License-Identifier: MIT
//
// Doing something in the network namespace of another process: what bounds its sockets are the
// sysctls there, and /proc/sys shows each thread those of the namespace that it is in.
#pragma once

#include <functional>
#include <optional>

#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

/// Calls `act` once, within the process's network namespace: on a thread of its own where that is
/// not ours. Fails, without calling it, where we may not enter (CAP_SYS_ADMIN).
std::optional<Failure> in_network_namespace(const ForeignProcess& process,
                                            const std::function<void()>& act);

}  // namespace sockopt
