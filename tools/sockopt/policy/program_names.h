// SPDX-License-Identifier: MIT
//
// What rules know a program as: whoever writes a rule has to choose one of these.
#pragma once

#include <string>
#include <string_view>

#include "shim/policy/program.h"

namespace sockopt {

/// The base names, each once: `python3.11, server.py`.
std::string known_as(const Program& program);

/// The one that says most: the script that an interpreter is given, or what it was started as. The
/// executable of redis-server is redis-check-rdb.
std::string_view telling_name(const Program& program);

}  // namespace sockopt
