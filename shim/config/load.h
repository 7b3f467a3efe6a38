// SPDX-License-Identifier: MIT
//
// Loads one policy from everything outside: which files are read, which variables count, and in
// which order.  The library and the command both come through here, so that `sockopt run` checks
// exactly what the library will read.
#pragma once

#include <sys/types.h>

#include <span>

#include "shim/config/directory.h"
#include "shim/config/environment.h"
#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt {

struct Surroundings {
  EnvironmentView environment;    ///< none where variables must not be heeded
  const char* default_path;       ///< the file that is read unless SOCKOPT_CONFIG names one,
  const char* default_directory;  ///< and the directory whose *.ini files follow it
  uid_t uid;                      ///< the process's effective user
  bool (*gives_up)() = nullptr;   ///< asked before each file: whether no more is to be read
  std::span<char> room = {};      ///< for what a file holds; a longer one is mapped
};

/// What reading takes besides, and has no place on a small stack.
struct LoadBuffers {
  char path[4096];
  DirectoryNames directory;
};

/// Reads files and variables into an empty policy.
void load_policy(const Surroundings& surroundings, LoadBuffers& buffers, Policy& policy,
                 FaultSink faults);

/// The same where the stack is large.
inline void load_policy(const Surroundings& surroundings, Policy& policy, FaultSink faults) {
  LoadBuffers buffers;
  load_policy(surroundings, buffers, policy, faults);
}

}  // namespace sockopt
