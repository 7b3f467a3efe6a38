// SPDX-License-Identifier: MIT
//
// Processes that the doctor looks at, and what it says of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/command/command.h"
#include "tests/support/process.h"

namespace sockopt::test {

/// The path of a program of tests/doctor/victims.
std::string victim(const std::string& name);
/// Whether it could be built here.
bool has_victim(const std::string& name);

/// Waits until it has said, in a line, that it listens.
void await_ready(Process& process);

/// `sockopt doctor ARGUMENTS`, with nothing of the host's own configuration.
Finished doctor(std::vector<std::string> arguments);

/// The lines of its output that begin with `LEVEL TOPIC`.
std::string said(const Finished& finished, const std::string& level, const std::string& topic);

}  // namespace sockopt::test
