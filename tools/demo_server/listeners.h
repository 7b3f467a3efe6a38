// SPDX-License-Identifier: MIT
//
// Where the server's listeners come from: it opens them, or is given them.

#pragma once

#include <vector>

#include "command_line.h"

namespace demo {

// Adds the descriptors that LISTEN_FDS promises, if they are meant for this process.
void add_listen_fds(Settings& settings);

std::vector<int> open_listeners(const Settings& settings);

}  // namespace demo
