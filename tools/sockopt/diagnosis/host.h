// SPDX-License-Identifier: MIT
//
// The host by itself: whether the library and a configuration are there and can be trusted, what
// bounds them here, and how far this command can see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/diagnosis/examined.h"
#include "tools/sockopt/diagnosis/library_file.h"
#include "tools/sockopt/policy/effective_policy.h"

namespace sockopt {

/// The installed library, as a daemon that is not root finds it. `fault` where there is none.
Findings examine_library(const std::optional<LibraryFile>& file, const std::string& fault);

/// What a program started from here would read.
Findings examine_configuration(const Policy& policy, const Findings& faults,
                               const std::string& named_file = {}, std::size_t settings_of_zmq = 0);

/// /etc/ld.so.preload: what is in it is loaded into every program.
Findings examine_preload_file(std::string_view content);

/// Whom this command may look into: by Yama's ptrace_scope (nothing where there is no Yama) and its
/// own rights. `closed` are the processes that it has the rights to look into, and may not.
Findings examine_sight(std::optional<int> scope, bool may_trace_all,
                       const std::vector<std::string>& closed);

/// All of it, read from this host.
Examined examine_host(const EffectivePolicy& effective);

}  // namespace sockopt
