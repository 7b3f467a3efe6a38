// SPDX-License-Identifier: MIT
//
// Every way in which a file can be wrong has its defined answer: golden/NAME.ini holds the file,
// golden/NAME.expected the faults and the settings that hold all the same.  There, a line that
// ends in * is the beginning of the line it stands for.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/unit/config/configuration.h"

namespace sockopt::test {
namespace {

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(GOLDEN_FILES)) {
    if (entry.path().extension() == ".ini") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool matches(const std::string& line, const std::string& expected) {
  if (!expected.ends_with('*')) return line == expected;
  return line.starts_with(expected.substr(0, expected.size() - 1));
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, HasItsAnswer) {
  const std::filesystem::path stem = std::filesystem::path(GOLDEN_FILES) / GetParam();
  ASSERT_TRUE(std::filesystem::exists(stem.string() + ".expected"));
  const std::string text = read_file(stem.string() + ".ini");
  const std::string actual = Configuration(text, {}, GetParam() + ".ini").rendered();
  const std::vector<std::string> lines = lines_of(actual);
  const std::vector<std::string> expected = lines_of(read_file(stem.string() + ".expected"));
  EXPECT_TRUE(std::equal(lines.begin(), lines.end(), expected.begin(), expected.end(), matches))
      << "expected:\n"
      << read_file(stem.string() + ".expected") << "actual:\n"
      << actual;
}

INSTANTIATE_TEST_SUITE_P(Configuration, Golden, testing::ValuesIn(golden_names()),
                         [](const auto& name) { return name.param; });

TEST(GoldenFiles, AreAllThere) {
  EXPECT_GE(golden_names().size(), 40U);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(GOLDEN_FILES)) {
    const std::string extension = entry.path().extension().string();
    files += extension == ".ini" || extension == ".expected" ? 1 : 0;
  }
  EXPECT_EQ(files, 2 * golden_names().size());
}

}  // namespace
}  // namespace sockopt::test
