// SPDX-License-Identifier: MIT
//
// What `attach` did, as people and as programs read it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

struct AttachedCgroup {
  std::string directory;
  Attached attached;
  std::vector<pid_t> processes{};  ///< for which it counts
};

struct AttachReport {
  const Policy& policy;
  std::string detach;  ///< what `detach` is to be told
  bool dry_run = false;
  std::vector<AttachedCgroup> cgroups{};
  const ChangeReport* changes = nullptr;  ///< to sockets that were there; null: not asked for
};

void print_attached(Output& out, const AttachReport& report);
/// `sockopt.attach/1`.
void print_attached_json(Output& out, const AttachReport& report);

}  // namespace sockopt
