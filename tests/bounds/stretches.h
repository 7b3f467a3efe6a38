// SPDX-License-Identifier: MIT
//
// What victims/stretches.c does between its marks, counted exactly: the system calls by strace, and
// the instructions in user space by stepping through them one by one. Both are the same at each
// run, whatever else the machine does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/environment.h"
#include "tests/support/requirements.h"

namespace sockopt::test {

// As strace prints them, without what they returned and with PORT for every port.
std::vector<std::string> calls_of(const std::string& stretch, const Environment& environment);

// In user space, without those of the marks; a system call counts as one. Nothing where a process
// may not be traced here.
std::optional<long> instructions_of(const std::string& stretch, const Environment& environment);

// Of a program's start, from its first instruction to where main does something.
std::optional<long> instructions_to_main(const Environment& environment);

// From the first of the preloaded libraries' constructors on, without what the loader does before.
// Nothing on other processors than x86-64.
std::optional<long> instructions_of_constructors(Environment environment);

inline constexpr char kSkipsWithoutTracing[] = "processes may not be traced here";

}  // namespace sockopt::test
