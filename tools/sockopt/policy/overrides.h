// SPDX-License-Identifier: MIT
//
// `-o KEY=VALUE` on the command line: read as strictly as a line of the file, and handed to the
// library as the variable that stands for the key.
#pragma once

#include <string>
#include <vector>

#include "shim/options/option_set.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

struct Override {
  std::string variable;  ///< SOCKOPT_KEEPIDLE
  std::string value;
};

/// Takes `KEY=unset` out of the arguments: what it leaves to the kernel again is for sockets that
/// there are, and for no variable.
std::vector<OptionId> take_unset(std::vector<std::string>& arguments);

/// Those that are sound; a fault, in the words of the command line, for each that is not.
std::vector<Override> read_overrides(const std::vector<std::string>& arguments, Findings& faults);

}  // namespace sockopt
