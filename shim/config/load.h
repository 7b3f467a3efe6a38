// SPDX-License-Identifier: MIT
//
// Loads one policy from everything outside: which files are read, which variables count, and in
// which order.  The library and the command both come through here, so that `sockopt run` checks
// exactly what the library will read.
#pragma once

#include "shim/config/configuration_files.h"
#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

/// Reads files and variables into an empty policy.
void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults);

/// The same where the stack is large.
inline void load_policy(const Surroundings& surroundings, Policy& policy, FaultSink faults) {
  LoadBuffers buffers;
  load_policy(surroundings, buffers, policy, faults);
}

}  // namespace sockopt
