// SPDX-License-Identifier: MIT
//
// What preloading adds to the system calls of a program that opens no socket, counted one by one:
// the library stands in front of every `ls`.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

using Names = std::vector<std::string>;

class SystemCalls : public testing::Test {
 protected:
  void SetUp() override {
    const Finished probe = run({.argv = {"strace", "-o", "/dev/null", "/bin/true"}});
    if (!probe.success()) GTEST_SKIP() << "strace cannot trace here: " << probe.error;
    for (const auto* path : {SOCKOPT_DEFAULT_CONFIG, SOCKOPT_DEFAULT_DIRECTORY}) {
      if (std::filesystem::exists(path)) GTEST_SKIP() << path << " is there, and would be read";
    }
  }

  // The names of the calls that /bin/true makes, in order.
  static Names traced(const std::string& preload, const std::string& variable = {}) {
    const TemporaryDirectory directory;
    const auto trace = directory / "trace";
    std::vector<std::string> argv = {"strace", "-o", trace};
    if (!preload.empty()) argv.insert(argv.end(), {"-E", "LD_PRELOAD=" + preload});
    if (!variable.empty()) argv.insert(argv.end(), {"-E", variable});
    argv.emplace_back("/bin/true");
    const Finished finished = run({.argv = argv});
    EXPECT_TRUE(finished.success()) << finished.error;
    Names names;
    std::istringstream lines(read_file(trace));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t open = line.find('(');
      if (open != std::string::npos && line.front() != '+') names.push_back(line.substr(0, open));
    }
    EXPECT_GT(names.size(), 10U);
    return names;
  }

  // How many calls `longer` makes more than `shorter`, and which, for the message.
  static int added(Names longer, Names shorter, std::string& which) {
    const auto difference = static_cast<int>(longer.size()) - static_cast<int>(shorter.size());
    std::sort(longer.begin(), longer.end());
    std::sort(shorter.begin(), shorter.end());
    Names more;
    std::set_difference(longer.begin(), longer.end(), shorter.begin(), shorter.end(),
                        std::back_inserter(more));
    for (const std::string& name : more) which += name + ' ';
    return difference;
  }
};

// The loader's mmap for the zeroes, and one mprotect of ours, for the addresses of the real
// functions.
TEST_F(SystemCalls, DisabledTwo) {
  std::string which;
  const int calls = added(traced(library(), "SOCKOPT_DISABLE=1"), traced(EMPTY_PRELOAD), which);
  EXPECT_LE(calls, 2) << "disabled, and yet more than an empty library: " << which;
}

// Those, stat of sockopt.ini, and open of sockopt.d.
TEST_F(SystemCalls, WithoutAConfigurationFour) {
  std::string which;
  const int calls = added(traced(library()), traced(EMPTY_PRELOAD), which);
  RecordProperty("added", calls);
  EXPECT_LE(calls, 4) << which;
}

// The first two; stat, open, fstat and close of the file, and three reads: it is read to one page,
// piece by piece, because the first touch of another costs more than a call.
TEST_F(SystemCalls, WithTheShippedFileNine) {
  const std::string file = source_directory() / "sockopt.ini";
  std::string which;
  const int calls =
      added(traced(library(), "SOCKOPT_CONFIG=" + file), traced(EMPTY_PRELOAD), which);
  RecordProperty("added", calls);
  EXPECT_LE(calls, 9) << which;
}

// As above, and what a policy needs for the process's life: the table of descriptors, the words
// shared with children, standard error's identity, and whether standard input is a connection.
TEST_F(SystemCalls, WithASettingEleven) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", "[sockopt]\nkeepidle = 60s\n");
  std::string which;
  const int calls =
      added(traced(library(), "SOCKOPT_CONFIG=" + file.string()), traced(EMPTY_PRELOAD), which);
  RecordProperty("added", calls);
  EXPECT_LE(calls, 11) << which;
}

// It finds one function, and reads three variables.
TEST_F(SystemCalls, NoMoreThanLibkeepalives) {
  const std::string peer = system_library("libkeepalive.so.0");
  if (peer.empty()) GTEST_SKIP() << "libkeepalive is not installed";
  const TemporaryDirectory directory;
  const auto file = directory.write(
      "sockopt.ini", "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n");
  const Names theirs = traced(peer);
  for (const std::string path : {file, source_directory() / "sockopt.ini"}) {
    std::string which;
    EXPECT_LE(added(traced(library(), "SOCKOPT_CONFIG=" + path), theirs, which), 0) << which;
  }
}

TEST_F(SystemCalls, NoDescriptorStaysOpen) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", "[sockopt]\nkeepidle = 60s\n");
  const Names names = traced(library(), "SOCKOPT_CONFIG=" + file.string());
  const auto opened = std::count(names.begin(), names.end(), "openat") +
                      std::count(names.begin(), names.end(), "open");
  EXPECT_EQ(std::count(names.begin(), names.end(), "close"), opened);
}

}  // namespace
}  // namespace sockopt::test
