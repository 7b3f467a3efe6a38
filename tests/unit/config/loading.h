// SPDX-License-Identifier: MIT
//
// What the library reads where it finds a file, a directory beside it, and variables: all three as
// a test puts them there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shim/policy/policy.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {

class Loading {
 public:
  Loading() : policy_(std::make_unique<Policy>()) {}

  /// Loads the default file, DIR/sockopt.ini, and its directory, DIR/sockopt.d, or what the
  /// variables name instead. The faults, one a line; the temporary directory's name is DIR in them.
  std::string faults(const std::vector<std::string>& variables = {});
  /// The same, and the settings behind them.
  std::string rendered(const std::vector<std::string>& variables = {});
  /// With no variable heeded.
  std::string rendered_without_variables();

  const TemporaryDirectory& directory() const { return directory_; }
  std::filesystem::path operator/(std::string_view name) const { return directory_ / name; }
  std::filesystem::path default_file() const { return directory_ / "sockopt.ini"; }
  /// SOCKOPT_CONFIG=DIR/name
  std::string named(std::string_view name) const;

  const Policy& policy() const { return *policy_; }

 private:
  std::string load(const char* const* environment);
  std::string settings() const;
  std::string without_directory(std::string text) const;

  TemporaryDirectory directory_;
  std::unique_ptr<Policy> policy_;
};

}  // namespace sockopt::test
