// SPDX-License-Identifier: MIT
//
// HAZARDS.md names a test for each hazard: it has to be there, or the promise is empty.
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "tests/documentation/text.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

// Every test that ctest would run.
std::vector<std::string> known_tests() {
  const Finished finished = run({.argv = {SOCKOPT_CTEST, "-N"}, .directory = build_directory()});
  EXPECT_TRUE(finished.success()) << finished.error;
  std::vector<std::string> names;
  std::istringstream stream(finished.output);
  const std::regex line_of_test(R"( +Test +#\d+: (.+?)(  # GetParam.*)?)");
  std::smatch part;
  for (std::string line; std::getline(stream, line);) {
    if (std::regex_match(line, part, line_of_test)) names.push_back(part[1]);
  }
  return names;
}

// The last column of a row of a table: names in backquotes, which may hold a `*`.
std::vector<std::string> tests_of(const std::string& row) {
  std::string column = row.substr(0, row.rfind('|'));
  column.erase(0, column.rfind('|') + 1);
  std::vector<std::string> names;
  const std::regex quoted("`([^`]+)`");
  for (std::sregex_iterator name(column.begin(), column.end(), quoted), end; name != end; ++name) {
    names.push_back((*name)[1]);
  }
  return names;
}

TEST(Hazards, HaveTheTestsThatAreNamed) {
  const std::vector<std::string> known = known_tests();
  const bool all_built = std::none_of(known.begin(), known.end(), [](const std::string& name) {
    return name.ends_with("_NOT_BUILT");
  });
  if (!all_built) GTEST_SKIP() << "not all tests have been built";
  int rows = 0;
  for (const std::string& line : lines_of("tests/hazards/HAZARDS.md")) {
    if (!line.starts_with("| ") || line.starts_with("| Hazard") || line.starts_with("| ---")) {
      continue;
    }
    ++rows;
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 4) << line;
    const std::vector<std::string> names = tests_of(line);
    EXPECT_FALSE(names.empty()) << line;
    for (const std::string& name : names) {
      EXPECT_TRUE(std::any_of(known.begin(), known.end(), [&](const std::string& test) {
        // A test with parameters is listed with them.
        return fnmatch(name.c_str(), test.c_str(), 0) == 0 || test.starts_with(name + "/");
      })) << name;
    }
  }
  EXPECT_GT(rows, 40);
}

}  // namespace
}  // namespace sockopt::test
