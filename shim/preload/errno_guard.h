// SPDX-License-Identifier: MIT
//
// errno after a hook is what the real function left: whatever is done in this scope does not show.
#pragma once

#include <cerrno>

namespace sockopt {

class ErrnoGuard {
 public:
  ErrnoGuard() : saved_(errno) {}
  ~ErrnoGuard() { errno = saved_; }
  ErrnoGuard(const ErrnoGuard&) = delete;
  ErrnoGuard& operator=(const ErrnoGuard&) = delete;

  int saved() const { return saved_; }

 private:
  int saved_;
};

}  // namespace sockopt
