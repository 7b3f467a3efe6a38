// SPDX-License-Identifier: MIT
//
// What a command of ExecStart= comes to, in the tree that the service is in.
#pragma once

#include <string>
#include <vector>

#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/systemd/file_tree.h"
#include "tools/systemd/service_command.h"

namespace sockopt {

/// As systemd looks for a command without a slash.
std::string find_service_program(const FileTree& files, const std::string& name);

/// Such a program, and what it is if it is a script.
ExecutedFiles follow_service_scripts(const FileTree& files, const std::string& name);

/// The path of the command, and the words behind it.
std::vector<std::string> service_command_words(const FileTree& files,
                                               const ServiceCommand& command);

/// Past wrappers and through scripts; `variables` are to be handed on with the library.
StartLine follow_service_command(const FileTree& files, const ServiceCommand& command,
                                 const std::string& library,
                                 std::vector<std::string> variables = {});

}  // namespace sockopt
