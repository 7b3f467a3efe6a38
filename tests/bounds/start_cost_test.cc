// SPDX-License-Identifier: MIT
//
// What a start costs, counted and held against another preloaded library: libkeepalive, which finds
// one function and reads three variables.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bounds/stretches.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

constexpr char kKeepalive[] =
    "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n";

// The page faults of /bin/true. A library's place in memory is chosen anew each time, and decides
// how much of it one fault brings in: the fewest of many starts are what it needs.
long page_faults(const Environment& environment) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + '=' + value);
  std::vector<char*> entries;
  for (std::string& variable : variables) entries.push_back(variable.data());
  entries.push_back(nullptr);
  char path[] = "/bin/true";
  char* const arguments[] = {path, nullptr};
  long fewest = -1;
  for (int i = 0; i < 60; ++i) {
    const pid_t child = vfork();
    if (child == 0) {
      execve(path, arguments, entries.data());
      _exit(127);
    }
    int status = 0;
    rusage usage{};
    EXPECT_EQ(wait4(child, &status, 0, &usage), child);
    EXPECT_EQ(status, 0);
    if (fewest < 0 || usage.ru_minflt < fewest) fewest = usage.ru_minflt;
  }
  return fewest;
}

class StartCost : public testing::Test {
 protected:
  void SetUp() override {
    if (peer_.empty()) GTEST_SKIP() << "libkeepalive is not installed";
    for (const auto* path : {SOCKOPT_DEFAULT_CONFIG, SOCKOPT_DEFAULT_DIRECTORY}) {
      if (std::filesystem::exists(path)) GTEST_SKIP() << path << " is there, and would be read";
    }
  }

  Environment under(const std::string& preload) const {
    Environment environment = plain_environment();
    environment["LD_PRELOAD"] = preload;
    return environment;
  }
  Environment ours(const std::string& file) const {
    return shim_environment({{"SOCKOPT_CONFIG", file}});
  }

  const std::string peer_ = system_library("libkeepalive.so.0");
  const TemporaryDirectory directory_;
  const std::string keepalive_ = directory_.write("sockopt.ini", kKeepalive);
  const std::string shipped_ = source_directory() / "sockopt.ini";
};

TEST_F(StartCost, PageFaultsAreNoMoreThanThePeers) {
  const long empty = page_faults(under(EMPTY_PRELOAD));
  const long peer = page_faults(under(peer_));
  const long without = page_faults(under(library()));
  const long shipped = page_faults(ours(shipped_));
  const long keepalive = page_faults(ours(keepalive_));
  std::cout << "page faults more than an empty library: libkeepalive " << peer - empty
            << ", without a file " << without - empty << ", with the shipped file "
            << shipped - empty << ", with keepalive " << keepalive - empty << '\n';
  EXPECT_GT(without, empty);
  EXPECT_LE(without, peer);
  EXPECT_LE(shipped, peer);
  EXPECT_LE(keepalive, peer);
}

TEST_F(StartCost, Instructions) {
  const auto empty = instructions_to_main(under(EMPTY_PRELOAD));
  const auto peer = instructions_to_main(under(peer_));
  const auto without = instructions_to_main(under(library()));
  const auto shipped = instructions_to_main(ours(shipped_));
  const auto keepalive = instructions_to_main(ours(keepalive_));
  if (!empty || !peer || !without || !shipped || !keepalive) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << "instructions more than an empty library: libkeepalive " << *peer - *empty
            << ", without a file " << *without - *empty << ", with the shipped file "
            << *shipped - *empty << ", with keepalive " << *keepalive - *empty << '\n';
}

}  // namespace
}  // namespace sockopt::test
