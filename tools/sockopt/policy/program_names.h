// SPDX-License-Identifier: MIT
//
// What rules know a program as: whoever writes a rule has to choose one of these.
#pragma once

#include <string>

#include "shim/policy/program.h"

namespace sockopt {

/// The base names, each once: `python3.11, server.py`.
std::string known_as(const Program& program);

}  // namespace sockopt
