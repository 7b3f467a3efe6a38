// SPDX-License-Identifier: MIT
//
// What reaches a process from outside: the attachment of the bpf engine that counts for its cgroup.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// What is attached now; nothing where we may not look.
class EngineReach {
 public:
  EngineReach();

  bool empty() const { return all_.empty(); }
  /// The one that counts for a cgroup, given as the text of /proc/PID/cgroup. Null where none does.
  const Attachment* nearest(std::string_view cgroup) const;

 private:
  std::optional<std::string> mount_;
  std::vector<Attachment> all_;
};

/// What is attached to the process's cgroup, in words.
std::optional<Finding> examine_engine(const EngineReach& engine, std::string_view cgroup);

}  // namespace sockopt
