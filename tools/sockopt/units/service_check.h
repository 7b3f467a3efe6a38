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

/// The words of what the service comes to, past wrappers and scripts; none where that is not known,
/// or is not one program.
std::vector<std::string> started_program(const FileTree& files, const SystemdUnit& unit);

/// `checker` is the path of the command; empty: no words.
std::vector<std::string> service_check_words(const FileTree& files, const SystemdUnit& unit,
                                             const std::string& checker);

}  // namespace sockopt
