// SPDX-License-Identifier: MIT
//
// What the command's exit status says.
#pragma once

namespace sockopt {

enum ExitStatus : int {
  kDone = 0,
  kFault = 1,    ///< a fault was found, or something could not be done
  kUsage = 2,    ///< the command line, or unreadable input
  kPartial = 3,  ///< not everything could be seen
  kInVain = 4,   ///< of `enable`: it was written, but something keeps it from working
  // Of `run`, which otherwise exits with the program's own status.
  kNotStarted = 125,
  kNotExecutable = 126,
  kNotFound = 127,
};

}  // namespace sockopt
