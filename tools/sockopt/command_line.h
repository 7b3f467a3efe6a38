// SPDX-License-Identifier: MIT
//
// From argv to a verb. Each verb has a parser of its own: one parser with subcommands would take
// the program of `sockopt run check` for a verb.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tools/sockopt/verb.h"

namespace sockopt {

/// Thrown by a verb for what only it can see to be a wrong command line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the arguments of the verb and does what they ask for. Returns the exit status.
int call(const Verb& verb, std::vector<std::string> arguments);

/// What is said of an argument that the parser does not know.
std::string unknown_argument(const CLI::App& parser, const std::string& argument);

/// Of a parser that stops at the first argument which is no option (CLI11's prefix_command): that
/// argument and all behind it. Throws UsageError for an option it did not know.
std::vector<std::string> program_and_arguments(const CLI::App& arguments);

}  // namespace sockopt
