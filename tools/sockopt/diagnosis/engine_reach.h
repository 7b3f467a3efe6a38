// SPDX-License-Identifier: MIT
//
// What reaches a process from outside: the attachment of the bpf engine that counts for its cgroup.
#pragma once

#include <optional>
#include <string_view>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// `cgroup` is the text of /proc/PID/cgroup. Nothing where none is attached, or where we may not look.
std::optional<Finding> examine_engine(std::string_view cgroup);

}  // namespace sockopt
