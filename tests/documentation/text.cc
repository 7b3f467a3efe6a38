// SPDX-License-Identifier: MIT
//
// See text.h.
#include "tests/documentation/text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {

std::vector<std::string> lines_of(std::string_view path) {
  const std::string text = read_file(source_directory() / path);
  EXPECT_FALSE(text.empty()) << path << " is missing or empty";
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Checked check(std::string_view configuration) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", configuration);
  // Strict: a warning fails as a fault does.
  const Finished finished =
      run({.argv = {build_directory() / "sockopt", "check", "--strict", file}});
  return {finished.success(), finished.output + finished.error};
}

}  // namespace sockopt::test
