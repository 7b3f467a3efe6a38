// SPDX-License-Identifier: MIT
//
// Gets ready once, before main, as libsockopt.so does: the policy, and the memory for everything
// later.
#pragma once

#include "shim/zmq/plan.h"
#include "shim/zmq/preload/report.h"
#include "shim/zmq/preload/socket_list.h"

namespace sockopt::zmq {

/// What the hooks work with.
struct Work {
  const Policy& policy;
  const Plan* plan;  ///< null: no socket of this program has a setting
  Report report;
  SocketList sockets;
};

/// Null where there is nothing to do: the library is disabled, or there is no memory. A hook that
/// runs before the constructor starts the library.
const Work* work();

}  // namespace sockopt::zmq
