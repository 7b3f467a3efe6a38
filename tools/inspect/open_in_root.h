// SPDX-License-Identifier: MIT
//
// A path as another process means it: below the root directory that it has, links included.
#pragma once

#include <string>

#include "tools/inspect/unique_fd.h"

namespace sockopt {

/// `root` is a directory that stands for `/`; empty for our own. With errno set where it fails.
UniqueFd open_in_root(const std::string& root, const std::string& path, int flags);

}  // namespace sockopt
