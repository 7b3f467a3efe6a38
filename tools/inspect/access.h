// SPDX-License-Identifier: MIT
//
// Why another process may not be looked into. The kernel says only EPERM or EACCES; which of its
// conditions was not met (ptrace(2), "Ptrace access mode checking") has to be worked out from what
// everybody may read, so that whoever asks knows what to ask for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "tools/inspect/result.h"

namespace sockopt {

struct WhyDenied {
  std::string reason;  ///< `it runs as another user (uid 0)`
  std::string remedy;  ///< what would be enough: `CAP_SYS_PTRACE`; empty where nothing would
};

/// kernel.yama.ptrace_scope; nothing where there is no Yama.
std::optional<int> ptrace_scope();

/// For a failure that is Obstacle::kDenied, kUnsupported, kOtherProc or kNoMainThread.
WhyDenied explain_denial(pid_t pid, const Failure& failure);

}  // namespace sockopt
