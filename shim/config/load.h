// SPDX-License-Identifier: MIT
//
// Loads one policy from everything outside: which files are read, which variables count, and in
// which order.  The library and the command both come through here, so that `sockopt run` checks
// exactly what the library will read.
#pragma once

#include <sys/types.h>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

struct Surroundings {
  const char* const* environment;  ///< as environ(7); null where variables must not be heeded
  const char* default_path;        ///< the file that is read unless SOCKOPT_CONFIG names one,
  const char* default_directory;   ///< and the directory whose *.ini files follow it
  uid_t uid;                       ///< the process's effective user
};

/// Reads files and variables into an empty policy.
void load_policy(const Surroundings& surroundings, Policy& policy, FaultSink faults);

}  // namespace sockopt
