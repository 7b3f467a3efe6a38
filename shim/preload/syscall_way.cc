// SPDX-License-Identifier: MIT
#include "shim/preload/syscall_way.h"

#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cerrno>

#include "shim/preload/next_symbol.h"
#include "shim/preload/startup.h"

namespace sockopt {

void SyscallWay::find() {
  next.store(reinterpret_cast<SyscallFunction*>(next_symbol("syscall")), std::memory_order_relaxed);
}

}  // namespace sockopt

extern "C" {

constinit sockopt::SyscallWay sockopt_syscall_way;

long sockopt_syscall_attended(long number, long a, long b, long c, long d, long e,
                              long f) noexcept {
  auto* next = sockopt_syscall_way.next.load(std::memory_order_relaxed);
  if (next == nullptr) {
    sockopt_syscall_way.find();
    next = sockopt_syscall_way.next.load(std::memory_order_relaxed);
  }
  if (next == nullptr) {
    errno = ENOSYS;
    return -1;
  }
  const long result = next(number, a, b, c, d, e, f);
  // Other modes only ask; of a filter with a listener the result is a descriptor.
  const bool locks_in = number == SYS_seccomp
                            ? a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER
                            : number == SYS_prctl && a == PR_SET_SECCOMP;
  if (locks_in && result >= 0) sockopt::stand_aside();
  return result;
}

}  // extern "C"
