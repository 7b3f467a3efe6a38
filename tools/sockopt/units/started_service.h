// SPDX-License-Identifier: MIT
//
// Units that only start a service: the socket, timer or path that it is named after, or names.
#pragma once

#include <string>

#include "tools/systemd/file_tree.h"
#include "tools/systemd/unit_index.h"

namespace sockopt {

/// `sshd@.service` of sshd.socket with Accept=yes; empty where `name` starts none.
std::string started_service(const FileTree& files, const UnitIndex& index, const std::string& name);

}  // namespace sockopt
