// SPDX-License-Identifier: MIT
//
// Many servers are scripts, and whoever writes a rule for one knows it by the script's name. The
// options before it on the command line differ from interpreter to interpreter.
#pragma once

#include <string_view>

namespace sockopt {

/// The script among the arguments of an interpreter (NUL-ended each, argv[0] first); for
/// `python -m http.server` the module; empty if there is none.
std::string_view script_of(std::string_view interpreter, std::string_view arguments);

}  // namespace sockopt
