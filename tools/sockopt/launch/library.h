// SPDX-License-Identifier: MIT
//
// Where libsockopt.so is: beside this very command, so that a build tree uses its own, or where it
// was installed.
#pragma once

#include <string>

namespace sockopt {

/// An absolute path that LD_PRELOAD can hold. Throws std::runtime_error, with the reason, where
/// there is none.
std::string find_library();

}  // namespace sockopt
