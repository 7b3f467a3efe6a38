// SPDX-License-Identifier: MIT
//
// Whether namespaces can be made here: not in every container, in no chroot, and not by everybody.
#pragma once

#include <string>
#include <vector>

namespace sockopt::test {

/// Why `unshare OPTIONS` does not work here; empty where it does.
std::string why_no_namespaces(std::vector<std::string> options);

// As a statement of a test: its options for unshare(1), and a reason to skip.
#define SOCKOPT_NEEDS_NAMESPACES(...)                                                          \
  if (const std::string why = ::sockopt::test::why_no_namespaces({__VA_ARGS__}); !why.empty()) \
  GTEST_SKIP() << why

}  // namespace sockopt::test
