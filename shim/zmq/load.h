// SPDX-License-Identifier: MIT
//
// Loads the policy for ZeroMQ's sockets from the files and variables that TCP's comes from.
#pragma once

#include "shim/config/load.h"
#include "shim/zmq/policy.h"
#include "shim/zmq/reader.h"

namespace sockopt::zmq {

/// Reads files and variables into an empty policy.
void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults, SharedFaults shared);

}  // namespace sockopt::zmq
