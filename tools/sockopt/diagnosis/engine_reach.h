// SPDX-License-Identifier: MIT
//
// What reaches a process from outside: the attachment of the bpf engine that counts for its cgroup.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/inspect/process_facts.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// What is attached now; nothing where we may not look.
class EngineReach {
 public:
  EngineReach();

  bool empty() const { return all_.empty(); }
  /// False where something may be attached, and we may not look.
  bool known() const { return known_; }
  /// The one that counts for a cgroup, given as the text of /proc/PID/cgroup. Null where none does.
  const Attachment* nearest(std::string_view cgroup) const;

 private:
  std::optional<std::string> mount_;
  std::vector<Attachment> all_;
  bool known_ = false;
};

/// What is attached to the cgroup of a process, and what comes of it there.
struct ExaminedEngine {
  Findings found{};     ///< none: nothing is attached
  std::string reach{};  ///< what sets options on its new sockets from outside; empty: nothing does
};
ExaminedEngine examine_engine(const EngineReach& engine, const ProcessFacts& process);

}  // namespace sockopt
