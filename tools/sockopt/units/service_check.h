// SPDX-License-Identifier: MIT
//
// The command that a service runs before its program, and that must succeed: `sockopt check`, of
// what concerns this service alone.
#pragma once

#include <string>
#include <vector>

#include "tools/systemd/file_tree.h"
#include "tools/systemd/unit.h"

namespace sockopt {

/// What the service starts; empty where that is not one program.
std::string started_program(const SystemdUnit& unit);

/// `checker` is the path of the command; empty: no words.
std::vector<std::string> service_check_words(const FileTree& files, const SystemdUnit& unit,
                                             const std::string& checker);

}  // namespace sockopt
