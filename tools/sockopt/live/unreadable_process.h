// SPDX-License-Identifier: MIT
//
// A process that could not be looked into, or not wholly. It must never look like one without
// sockets: show, apply and doctor name each, with the privilege that is lacking, and exit with 3.
#pragma once

#include <sys/types.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/inspect/access.h"
#include "tools/inspect/process_tree.h"
#include "tools/inspect/result.h"

namespace sockopt {

struct UnreadableProcess {
  pid_t pid = 0;
  std::string name;
  WhyDenied denial;

  /// `it runs as another user (uid 0): needs CAP_SYS_PTRACE`.
  std::string why() const;
};

/// Adds the process, unless the failure is that it ended meanwhile: then there is nothing to see.
void note_unreadable(std::vector<UnreadableProcess>& all, const ProcessEntry& process,
                     const Failure& failure);

/// By what would be needed to see them: `2 processes unreadable (CAP_SYS_PTRACE)`; empty where
/// there are none.
std::string unreadable_text(const std::vector<UnreadableProcess>& all);

/// `[{"pid":1,"program":"systemd","reason":"it runs as another user (uid 0)","needs":
/// "CAP_SYS_PTRACE"}]`; null where no privilege would help.
nlohmann::ordered_json unreadable_json(const std::vector<UnreadableProcess>& all);

/// Says on standard error which were not seen, and why: each for itself, or those of one reason
/// together.
void complain_of_unreadable(const std::vector<UnreadableProcess>& all, bool one_by_one);

}  // namespace sockopt
