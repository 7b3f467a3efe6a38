// SPDX-License-Identifier: MIT
//
// A system of a test's own: /etc with an ld.so.preload that names the library, and the
// configuration where the library looks for it, both in a mount namespace that nobody else sees.
#pragma once

#include <string>

#include "tests/support/process.h"

namespace sockopt::test {

struct System {
  std::string configuration;  ///< the system's sockopt.ini
  bool loads_library = true;  ///< by /etc/ld.so.preload: in set-user-ID programs as well
  std::string user{};         ///< whom the program is started as; the tests' own if empty
};

/// The command in that system; `directory` holds what is mounted there.
Command in_system(const TemporaryDirectory& directory, const System& system, Command command);

/// Why that cannot be done here; empty if it can.
std::string why_no_private_system();
#define SOCKOPT_NEEDS_PRIVATE_SYSTEM()                                                \
  if (const std::string why = ::sockopt::test::why_no_private_system(); !why.empty()) \
  GTEST_SKIP() << why

}  // namespace sockopt::test
