// SPDX-License-Identifier: MIT
//
// User= and Group= of a service, by the passwd and group files of the tree that it is in: those of
// the host that works on an image are others.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tools/systemd/unit.h"

namespace sockopt {

struct ServiceUser {
  std::string name = "root";
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  ///< all of them
};

/// Nothing where the user does not exist (yet).
std::optional<ServiceUser> service_user(const FileTree& files, const SystemdUnit& unit);

/// `User=NAME` or `Group=NAME`, of those that are not there; empty where all are, or systemd makes
/// them when it starts (sysusers.d).
std::string missing_account(const FileTree& files, const SystemdUnit& unit);

}  // namespace sockopt
