// SPDX-License-Identifier: MIT
//
// Processes that the doctor looks at, and what it says of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {

/// The path of a program of tests/doctor/victims.
std::string victim(const std::string& name);
/// Whether it could be built here.
bool has_victim(const std::string& name);

/// Those that no library reaches, with what the doctor says of them.
struct Unreachable {
  const char* name;
  const char* why;
};
inline constexpr Unreachable kUnreachable[] = {
    {"doctor_static", "it is statically linked"},
    {"doctor_musl_static", "it is statically linked"},
    {"doctor_go", "Go programs make their system calls without libc"}};

/// Waits until it has said, in a line, that it listens.
void await_ready(Process& process);

/// `sockopt doctor ARGUMENTS`, with nothing of the host's own configuration.
Finished doctor(std::vector<std::string> arguments);

/// The lines of its output that begin with `LEVEL TOPIC`.
std::string said(const Finished& finished, const std::string& level, const std::string& topic);

/// What it says to do: all that is behind `fix: `.
std::vector<std::string> fixes(const Finished& finished);

/// The commands in a fix: itself, up to its comment, and those that help until it is done.
std::vector<std::string> commands_in(const std::string& fix);

}  // namespace sockopt::test
