// SPDX-License-Identifier: MIT
//
// Writes lines to the program's standard error, if that is still the file it was at the start. The
// program never blocks, dies of a signal or finds the text in one of its own files or connections:
// a line that cannot be written that way is dropped.
#pragma once

#include <cstdint>
#include <string_view>

namespace sockopt {

class StderrLog {
 public:
  /// Remembers which file descriptor 2 is.  Before that, or without one, nothing is written.
  void remember();

  /// `sockopt[PID]: <line>\n`, cut to what fits.  Touches neither errno nor the thread's signals.
  void write_line(std::string_view line) const;

 private:
  bool known_ = false;
  bool is_stream_ = false;  // a pipe or a socket
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;  // wider than a 32-bit ino_t
};

}  // namespace sockopt
