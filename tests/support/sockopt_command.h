// SPDX-License-Identifier: MIT
//
// Calling the command under test.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"

namespace sockopt::test {

std::string command_path();

// The command with these arguments, as it is to be started.
Command command(std::vector<std::string> arguments, const Environment& variables = {});

// Runs it to its end.
Finished sockopt(std::vector<std::string> arguments, const Environment& variables = {});

// Its exit status; -1 if it was ended by a signal, or had to be.
int status(const Finished& finished);

// As often as `part` stands in `text`.
int count(const std::string& text, const std::string& part);

testing::AssertionResult contains(const std::string& text, const std::string& part);

}  // namespace sockopt::test
