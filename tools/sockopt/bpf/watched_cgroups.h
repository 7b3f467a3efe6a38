// SPDX-License-Identifier: MIT
//
// What is attached, as `watch` needs it: which attachment counts for a process, and which settings
// of its policy are left to be made from outside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/live/drift.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

class WatchedCgroups {
 public:
  /// As it is now. Where it cannot be read, what is known stays.
  std::optional<Finding> read();

  const std::vector<Attachment>& attachments() const { return all_; }
  /// The keys of the options that this one leaves to `watch`.
  const std::vector<std::string>& options(const Attachment& attachment) const {
    return details_.at(attachment.cgroup).options;
  }
  /// Whether there are some that connections need, too.
  bool has_connections(const Attachment& attachment) const {
    return details_.at(attachment.cgroup).has_connections;
  }
  /// The processes for which it counts.
  std::vector<pid_t> processes(const Attachment& attachment) const;
  /// The one that counts for a process, by the text of /proc/PID/cgroup. Null where none does.
  const Attachment* nearest(std::string_view cgroup) const;

  /// Of what a socket is expected to have, what is left to `watch`: without what the programs in
  /// the kernel set, and what the program has set itself. `fd` is a descriptor of ours for it.
  Expected left(const Attachment& attachment, const Expected& expected, int fd) const;

 private:
  struct Details {
    std::vector<std::string> options;
    bool has_connections = false;
    UniqueFd set_by_program;  // a map: which options, of each socket
  };

  std::vector<Attachment> all_;
  std::map<std::uint64_t, Details> details_;  // by cgroup
  std::string mount_;
  KernelVersion kernel_ = KernelVersion::running();
};

}  // namespace sockopt
