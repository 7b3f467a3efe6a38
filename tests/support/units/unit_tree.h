// SPDX-License-Identifier: MIT
//
// A root directory with unit files, made by a test.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/temporary_directory.h"
#include "tools/systemd/unit.h"

namespace sockopt::test {

class UnitTree {
 public:
  // Writes a file at this absolute path below the root, and its directories.
  void write(const std::string& path, std::string_view text);
  void link(const std::string& path, const std::string& target);

  std::string root() const { return directory_.path(); }
  FileTree files() const;
  SystemdUnit load(const std::string& name, const ImaginedDropIn& imagined = {}) const;

  // `NAME=VALUE`, sorted: what the unit's Environment= comes to.
  std::vector<std::string> environment(const std::string& name) const;

 private:
  TemporaryDirectory directory_;
};

}  // namespace sockopt::test
