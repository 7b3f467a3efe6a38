// SPDX-License-Identifier: MIT
//
// The processes that somebody means: by number, by name as pgrep -x and pidof would take it, or by
// systemd unit. A name alone means the caller's own namespaces: the nginx of a container is another
// one.
#pragma once

#include <string>
#include <vector>

#include "tools/inspect/process_tree.h"

namespace sockopt {

struct TargetQuery {
  std::vector<std::string> words{};  ///< PID, or NAME: of the executable, argv[0] or the kernel's
  std::vector<std::string> units{};  ///< with or without `.service`
  bool all_namespaces = false;       ///< names also mean processes of other pid and net namespaces
};

struct Targets {
  std::vector<ProcessEntry> processes;  ///< each once, by pid
  std::vector<std::string> unmatched;   ///< the words and units that named no process
  std::vector<std::string> elsewhere;   ///< of these, names that other namespaces have
};

/// Without words and units: every process but those of the kernel. Never the caller itself by name.
Targets find_targets(const TargetQuery& query);

/// The names of a process as TargetQuery::words takes them: of its executable (where that may be
/// read), of what it was exec'ed as, and the kernel's.
std::vector<std::string> names_of(const ProcessEntry& process);

}  // namespace sockopt
