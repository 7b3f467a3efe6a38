// SPDX-License-Identifier: MIT
//
// Where the engine is tested: a mount namespace with a bpf file system of its own, which takes
// every pin and every attachment with it when the test ends or is ended, and cgroups that somebody
// else removes then.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/sockopt_command.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {

/// Why the engine cannot be tested here; empty where it can. Enters the namespace.
std::string why_no_engine();
#define SOCKOPT_NEEDS_ENGINE()                                                  \
  if (const std::string why = ::sockopt::test::why_no_engine(); !why.empty()) { \
    GTEST_SKIP() << why;                                                        \
  }

/// The path of one of programs/, as it was built.
std::string program(const std::string& name);

class TestCgroup {
 public:
  /// Below the top of the tree, or below another one.
  explicit TestCgroup(const std::string& name = "host", const TestCgroup* above = nullptr);
  ~TestCgroup();
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;

  const std::string& path() const { return path_; }
  /// The same, to be started in the cgroup.
  Command inside(Command command) const;
  /// Ends what is in it, and removes it.
  void remove();

  /// `sockopt attach -c FILE --cgroup PATH MORE...`, where FILE holds `policy`.
  Finished attach(const std::string& policy, const std::vector<std::string>& more = {}) const;
  /// The same, which must be done without a word of warning.
  void attach_quietly(const std::string& policy) const;
  Finished detach() const;

 private:
  std::string path_;
  TemporaryDirectory files_;
  pid_t remover_ = -1;
  int remover_waits_ = -1;
};

}  // namespace sockopt::test
