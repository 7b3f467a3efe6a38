// SPDX-License-Identifier: MIT
//
// What ZeroMQ's part of a file can say, well and badly, as in tests/unit/config/golden_test.cc:
// golden/NAME.ini or NAME.variables, and NAME.expected. What TCP's reader says of the same is for
// that to show; here, of what both can see, nothing is said.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/zmq/reading.h"

namespace sockopt::test {
namespace {

const std::filesystem::path kZmqGolden = source_directory() / "tests/unit/zmq/golden";

std::vector<std::string> zmq_goldens() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kZmqGolden)) {
    if (entry.path().extension() != ".expected") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> entries_of(const std::string& text) {
  std::vector<std::string> entries;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) entries.push_back(line);
  return entries;
}

class ZmqGolden : public testing::TestWithParam<std::string> {};

TEST_P(ZmqGolden, IsReadAsItSays) {
  const std::filesystem::path path = kZmqGolden / GetParam();
  const std::string text = read_file(path);
  const bool is_file = path.extension() == ".ini";
  const ZmqConfiguration read(is_file ? text : "",
                              is_file ? std::vector<std::string>() : entries_of(text));
  EXPECT_EQ(read.rendered(), read_file(std::filesystem::path(path).replace_extension(".expected")));
}

INSTANTIATE_TEST_SUITE_P(Every, ZmqGolden, testing::ValuesIn(zmq_goldens()), [](const auto& row) {
  return std::filesystem::path(row.param).stem().string();
});

// The two readers share a file, and neither complains of what is the other's.
TEST(ZmqSections, AreNothingToTheReaderOfTcp) {
  const std::string text = read_file(kZmqGolden / "sections_of_both.ini");
  const Configuration tcp(text);
  EXPECT_TRUE(tcp.faults().empty()) << tcp.rendered();
  EXPECT_EQ(tcp.policy().end() - tcp.policy().begin(), 3);
  const Configuration variables("", {"SOCKOPT_ZMQ_LINGER=5s", "SOCKOPT_ZMQ_NONSENSE=1"});
  EXPECT_TRUE(variables.faults().empty()) << variables.rendered();
}

// Alone, it says itself what is wrong with the whole file.
TEST(ZmqSections, AreReportedWithTheRestOfTheFileWhereNobodyElseDoes) {
  const std::string text = "[rule a]\nprogram = [x\n[rule a]\nnonsense\n";
  EXPECT_TRUE(ZmqConfiguration(text).faults().empty());
  EXPECT_EQ(ZmqConfiguration(text, {}, zmq::SharedFaults::kReported).faults().size(), 3U);
}

}  // namespace
}  // namespace sockopt::test
