// SPDX-License-Identifier: MIT
//
// What LD_PRELOAD is to hold in a service for a library: its path, or its name.
#pragma once

#include <string>

#include "tools/systemd/file_tree.h"
#include "tools/systemd/unit.h"

namespace sockopt {

/// For all that the service starts.
std::string service_preload_word(const FileTree& files, const SystemdUnit& unit,
                                 const std::string& library);

}  // namespace sockopt
