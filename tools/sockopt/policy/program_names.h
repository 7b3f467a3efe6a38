// SPDX-License-Identifier: MIT
//
// What rules know a program as: whoever writes a rule has to choose one of these.
#pragma once

#include <string>
#include <string_view>

#include "shim/policy/policy.h"
#include "shim/policy/program.h"

namespace sockopt {

/// The base names, each once: `python3.11, server.py`.
std::string known_as(const Program& program);

/// The one that says most: the script that an interpreter is given, or what it was started as. The
/// executable of redis-server is redis-check-rdb.
std::string_view telling_name(const Program& program);

/// Keeps only what the bpf engine knows a program as: the base name of its executable file.
void keep_executable(Program& program);

/// Why no rule with `program` is for it: one excludes it, or none names it. Empty where one is.
std::string why_not_meant(const Policy& policy, const Program& program);

}  // namespace sockopt
