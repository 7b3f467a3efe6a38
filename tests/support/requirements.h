// SPDX-License-Identifier: MIT
//
// What a test may lack where it runs, each as a statement that skips it and says why.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace sockopt::test {

/// Whether the program is there: a path is looked at, a name is looked for in the PATH of the
/// tests.
bool has_program(const std::string& name);
#define SOCKOPT_NEEDS(program) \
  if (!::sockopt::test::has_program(program)) GTEST_SKIP() << program " is not installed"

#define SOCKOPT_NEEDS_ROOT(purpose) \
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, " purpose

bool has_mptcp();
#define SOCKOPT_NEEDS_MPTCP() \
  if (!::sockopt::test::has_mptcp()) GTEST_SKIP() << "needs a kernel with MPTCP, not turned off"

/// Why strace(1) cannot trace here; empty where it can.
std::string why_no_strace();
#define SOCKOPT_NEEDS_STRACE() \
  if (const std::string why = ::sockopt::test::why_no_strace(); !why.empty()) GTEST_SKIP() << why

/// Why `unshare OPTIONS` does not work here; empty where it does.
std::string why_no_namespaces(std::vector<std::string> options);
#define SOCKOPT_NEEDS_NAMESPACES(...)                                                          \
  if (const std::string why = ::sockopt::test::why_no_namespaces({__VA_ARGS__}); !why.empty()) \
  GTEST_SKIP() << why

// The sanitizers that the command and the tests are built with, as -fsanitize= takes them.
#ifdef SOCKOPT_SANITIZERS
inline constexpr std::string_view kSanitizers = SOCKOPT_SANITIZERS;
#else
inline constexpr std::string_view kSanitizers;
#endif

// Of a sanitizer's build, in which system calls and instructions are not only the program's.
#define SOCKOPT_NEEDS_NO_SANITIZER()         \
  if (!::sockopt::test::kSanitizers.empty()) \
  GTEST_SKIP() << "a sanitizer makes calls, and runs instructions, of its own"

}  // namespace sockopt::test
