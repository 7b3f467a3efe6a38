// SPDX-License-Identifier: MIT
//
// What the library in another process holds: found by the note in the library, read from the
// process's memory (shim/preload/region.h). It is the policy that this process was started with,
// whatever the files say now. Nothing of it is trusted: the process can write there what it likes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "shim/options/option_set.h"
#include "shim/policy/policy.h"
#include "tools/inspect/foreign_process.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct HeldPolicy {
  std::string library;            ///< path, as the process sees it
  bool library_replaced = false;  ///< that file has been replaced or removed since
  bool idle = true;               ///< disabled, or there was neither file nor variable to heed
  std::string version;            ///< of the library; empty where it is idle
  std::uint32_t faults = 0;       ///< of the configuration, when it was read
  bool hooks_disabled = false;  ///< by the program's seccomp filter: no call of the library's since
  OptionSet refused;            ///< options that the kernel refused in this process tree
  bool met_socket = false;      ///< the process tree had a TCP socket
  /// Null where it is idle, and where the library's layout is not this command's.
  std::unique_ptr<Policy> policy;
};

/// Nothing: the library is not in the process.
Result<std::optional<HeldPolicy>> read_held_policy(const ForeignProcess& process);

}  // namespace sockopt
