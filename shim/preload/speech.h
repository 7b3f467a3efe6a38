// SPDX-License-Identifier: MIT
//
// Speaking from inside somebody else's program: on its standard error only, if that still is what
// it was when the program started, one line at a time, and never so that the program waits, dies of
// a signal or finds the text in one of its own files or connections.  What cannot be said so is not
// said.
#pragma once

#include <cstdint>
#include <string_view>

namespace sockopt {

class Speech {
 public:
  /// Remembers which file descriptor 2 is.  Before that, and if it is none, nothing is ever said.
  void remember();

  /// `sockopt[PID]: <line>\n`, cut to what fits.  Keeps errno and the thread's signals.
  void say(std::string_view line) const;

 private:
  bool is_still_ours() const;

  bool known_ = false;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;  // wider than a 32-bit ino_t
};

}  // namespace sockopt
