// SPDX-License-Identifier: MIT
//
// A command's system calls, as strace(1) writes them down.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace sockopt::test {

/// The command under strace, with its children. The environment is the command's alone.
Command under_strace(Command command, const std::filesystem::path& trace,
                     const std::vector<std::string>& options = {});

/// Line by line, without the processes' ids.
std::vector<std::string> traced_calls(const std::filesystem::path& trace);

/// Of these, what stands between the first mark and the second, the third and the fourth, and so
/// on; all of them where there is none. A mark is a getsockopt on descriptor -1.
std::vector<std::string> between_marks(const std::vector<std::string>& calls);

}  // namespace sockopt::test
