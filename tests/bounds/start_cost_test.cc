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

// The page faults of one run of /bin/true.
long page_faults(const Environment& environment) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + '=' + value);
  std::vector<char*> entries;
  for (std::string& variable : variables) entries.push_back(variable.data());
  entries.push_back(nullptr);
  char path[] = "/bin/true";
  char* const arguments[] = {path, nullptr};
  const pid_t child = vfork();
  if (child == 0) {
    execve(path, arguments, entries.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  return usage.ru_minflt;
}

// Of each the fewest of many, taken in turns. A library's place in memory is chosen anew at each
// start, and decides how much of it one fault brings in; and so does what the kernel has cached.
std::vector<long> fewest_page_faults(const std::vector<Environment>& environments) {
  constexpr int kTurns = 200;
  std::vector<long> fewest;
  for (const Environment& environment : environments) fewest.push_back(page_faults(environment));
  for (int turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < environments.size(); ++i) {
      fewest[i] = std::min(fewest[i], page_faults(environments[i]));
    }
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
  const std::vector<long> fewest = fewest_page_faults(
      {under(EMPTY_PRELOAD), under(peer_), under(library()), ours(shipped_), ours(keepalive_)});
  const long empty = fewest[0];
  const long peer = fewest[1];
  const long without = fewest[2];
  const long shipped = fewest[3];
  const long keepalive = fewest[4];
  std::cout << "page faults more than an empty library: libkeepalive " << peer - empty
            << ", without a file " << without - empty << ", with the shipped file "
            << shipped - empty << ", with keepalive " << keepalive - empty << '\n';
  EXPECT_GT(without, empty);
  EXPECT_LE(without, peer);
  EXPECT_LE(keepalive, peer);
  EXPECT_LE(shipped, without + 2) << "the page that the file is read to, and the one of its policy";
}

TEST_F(StartCost, Instructions) {
  const auto empty = instructions_to_main(under(EMPTY_PRELOAD));
  const auto peer = instructions_to_main(under(peer_));
  const auto without = instructions_to_main(under(library()));
  const auto shipped = instructions_to_main(ours(shipped_));
  const auto keepalive = instructions_to_main(ours(keepalive_));
  std::string rules(kKeepalive);
  for (int i = 0; i < 20; ++i) {
    rules += "[rule " + std::to_string(i) + "]\nlisten = 10.0." + std::to_string(i) +
             ".0/24:80\nkeepidle = 90s\n";
  }
  const auto large = instructions_to_main(ours(directory_.write("rules.ini", rules)));
  if (!empty || !peer || !without || !shipped || !keepalive || !large) {
    GTEST_SKIP() << kSkipsWithoutTracing;
  }
  std::cout << "instructions more than an empty library: libkeepalive " << *peer - *empty
            << ", without a file " << *without - *empty << ", with the shipped file "
            << *shipped - *empty << ", with keepalive " << *keepalive - *empty << ", with 20 rules "
            << *large - *empty << '\n';
  EXPECT_LT(2 * (*without - *empty), 3 * (*peer - *empty));
  EXPECT_LT(*keepalive - *without, 30'000);
  const auto bytes = static_cast<long>(std::filesystem::file_size(shipped_));
  EXPECT_LT(*shipped - *without, 6 * bytes);
  // Read twice, the second time from beginning to end.
  EXPECT_LT(*large - *keepalive, 400 * static_cast<long>(rules.size()));
}

}  // namespace
}  // namespace sockopt::test
