// SPDX-License-Identifier: MIT
//
// A command that somebody is told to run, as a shell takes it.
#pragma once

#include <string>
#include <vector>

namespace sockopt {

std::string command_text(const std::vector<std::string>& words);

}  // namespace sockopt
