// SPDX-License-Identifier: MIT
//
// The file that is installed: it changes nothing, and every line of it can be switched on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shim/config/reader.h"
#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

// A line that is a setting, switched off: `;key = value`.
bool is_switched_off(const std::string& line) {
  return line.size() > 1 && line[0] == ';' && line[1] != ' ' && line[1] != ';' &&
         line.find(" = ") != std::string::npos;
}

TEST(ShippedFile, SetsNothing) {
  for (const std::string& line : lines_of("sockopt.ini")) {
    const bool nothing = line.empty() || line.front() == '#' || line.front() == ';';
    EXPECT_TRUE(nothing || line == "[sockopt]") << line;
  }
}

TEST(ShippedFile, PassesTheCheckWithoutAWarning) {
  const auto file = source_directory() / "sockopt.ini";
  const Finished finished =
      run({.argv = {build_directory() / "sockopt", "check", "--strict", file}});
  EXPECT_TRUE(finished.success()) << finished.error;
  EXPECT_EQ(finished.error, "");
  EXPECT_EQ(finished.output.find("warning"), std::string::npos) << finished.output;
}

TEST(ShippedFile, EveryLineCanBeSwitchedOnAlone) {
  const std::vector<std::string> lines = lines_of("sockopt.ini");
  int settings = 0;
  for (const std::string& line : lines) {
    if (!is_switched_off(line)) continue;
    ++settings;
    // An idle time means nothing without keepalive, which is warned of.
    const bool needs_keepalive = line.starts_with(";keep") && !line.starts_with(";keepalive");
    const Checked checked =
        check("[sockopt]\n" + std::string(needs_keepalive ? "keepalive = on\n" : "") +
              line.substr(1) + "\n");
    EXPECT_TRUE(checked.passed) << line << '\n' << checked.said;
  }
  EXPECT_GT(settings, 40);
}

TEST(ShippedFile, AllItsLinesCanBeSwitchedOnTogether) {
  std::string text;
  for (const std::string& line : lines_of("sockopt.ini")) {
    text += (is_switched_off(line) ? line.substr(1) : line) + "\n";
  }
  const Checked checked = check(text);
  EXPECT_TRUE(checked.passed) << checked.said;
}

TEST(ShippedFile, LinesAreShort) {
  for (const std::string& line : lines_of("sockopt.ini")) EXPECT_LE(line.size(), 100U) << line;
}

}  // namespace
}  // namespace sockopt::test
