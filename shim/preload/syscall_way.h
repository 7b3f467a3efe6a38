// SPDX-License-Identifier: MIT
//
// The way of syscall(2) through us. It is hooked for two calls, seccomp(2) and prctl(2), by which a
// program locks itself in; all others must pass as if we were not there.
#pragma once

#include <atomic>

namespace sockopt {

using SyscallFunction = long(long number, long a, long b, long c, long d, long e, long f);

struct SyscallWay {
  std::atomic<SyscallFunction*> next = nullptr;  ///< null before `find`

  void find();
};

}  // namespace sockopt

// Known to the assembler by these names.
extern "C" {
[[gnu::visibility("hidden")]] extern sockopt::SyscallWay sockopt_syscall_way;

/// A call that may lock in, or one before the start.
[[gnu::visibility("hidden")]] long sockopt_syscall_attended(long number, long a, long b, long c,
                                                            long d, long e, long f) noexcept;
}
