// SPDX-License-Identifier: MIT
//
// The variables SOCKOPT_ZMQ_<KEY>; what is about both kinds of sockets, SOCKOPT_ENFORCE and
// SOCKOPT_LOG, counts for ZeroMQ's as well.
#pragma once

#include "shim/config/environment.h"
#include "shim/config/fault.h"
#include "shim/zmq/policy.h"

namespace sockopt::zmq {

/// Adds them as the policy's last rule.
void read_environment(const EnvironmentView& environment, Policy& policy, FaultSink faults);

}  // namespace sockopt::zmq
