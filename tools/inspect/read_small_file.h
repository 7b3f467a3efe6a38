// SPDX-License-Identifier: MIT
//
// Files of /proc, which have no size before they are read.
#pragma once

#include <string>

#include "tools/inspect/result.h"

namespace sockopt {

/// The whole of a file below the directory `at` (AT_FDCWD: below the current one).
Result<std::string> read_small_file(int at, const std::string& path);

/// What a symbolic link holds.
Result<std::string> read_link(int at, const std::string& path);

}  // namespace sockopt
