// SPDX-License-Identifier: MIT
//
// Giving up a privilege of root's, in a child that the test has for that.
#pragma once

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sockopt::test {

[[nodiscard]] inline bool drop_capability(int capability) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  sets[capability / 32].effective &= ~(1U << (capability % 32));
  return syscall(SYS_capset, &header, sets) == 0;
}

}  // namespace sockopt::test
