// SPDX-License-Identifier: MIT
//
// Services that systemd starts anew for each connection, which is their descriptor 0: the listener
// is systemd's, and its socket unit says `Accept=yes`.
#pragma once

#include <string>

#include "tools/systemd/file_tree.h"

namespace sockopt {

/// The socket unit whose connections the template, or instance, is started for; empty: none.
std::string accepting_socket(const FileTree& files, const std::string& service);

}  // namespace sockopt
