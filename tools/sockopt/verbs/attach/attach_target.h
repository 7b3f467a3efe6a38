// SPDX-License-Identifier: MIT
//
// Which cgroup `attach` and `detach` are to work on.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/arguments.h"

namespace sockopt {

struct AttachTarget {
  std::string unit;
  std::string cgroup;
  std::string pid;
  bool host = false;

  bool given() const { return !unit.empty() || !cgroup.empty() || !pid.empty() || host; }
};

void declare_target(Arguments& arguments, AttachTarget& target);

/// As it was named, for a shell: `-u nginx.service`.
std::string target_words(const AttachTarget& target);

/// The same for later, when the process may have ended: by the cgroup that it was in.
std::string lasting_target(const AttachTarget& target, const std::string& cgroup);

/// The directories of the cgroups that are meant, more than one only of units of that name in
/// several places. Where there is none, `fault` says why. Throws UsageError where not exactly one
/// is given.
std::vector<std::string> find_cgroups(const AttachTarget& target, std::string& fault);

}  // namespace sockopt
