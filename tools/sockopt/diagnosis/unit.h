// SPDX-License-Identifier: MIT
//
// A systemd unit as its files have it, before any of its processes: whether the library is given to
// them, and what would keep it from working.
#pragma once

#include <string>

#include "tools/sockopt/diagnosis/examined.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {

/// `unit` is a full name. Of a unit without a file nothing is found: scopes have none.
Examined examine_unit(const FileTree& files, const std::string& unit);

}  // namespace sockopt
