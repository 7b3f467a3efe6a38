// SPDX-License-Identifier: MIT
//
// The library with a configuration file of the test's own.
#pragma once

#include <string>

#include "tests/support/environment.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {

class ShimFile {
 public:
  explicit ShimFile(const std::string& text)
      : environment_(shim_environment(
            {{"SOCKOPT_CONFIG", directory_.write("sockopt.ini", text).string()}})) {}
  const Environment& environment() const { return environment_; }

 private:
  TemporaryDirectory directory_;
  Environment environment_;
};

// A file that asks for every option that accepted sockets inherit or that acts on the listener,
// with the table's own example.
std::string every_inherited_option();

// Sections to be appended to such a file: rules for other addresses, half of them listeners'.
std::string rules_about_others(int count);

}  // namespace sockopt::test
