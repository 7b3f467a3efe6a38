// SPDX-License-Identifier: MIT
//
// `log = debug` tells the whole story of a socket: descriptor, address, setting and where it comes
// from, what the program asked for, and what the kernel holds now.
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

bool tells(const Played& played, const std::string& pattern) {
  return std::regex_search(played.error(), std::regex(pattern + "\n"));
}

TEST(DebugLogTest, WhatIsSetAndWhatTheKernelHoldsNow) {
  const Played with =
      play_with({{"LOG", "debug"}, {"KEEPIDLE", "61s"}, {"RCVBUF", "32K"}, {"TOS", "af21"}},
                {"socket s inet6"});
  EXPECT_TRUE(tells(with, R"(descriptor 3: keepidle = 61s \(SOCKOPT_KEEPIDLE\); now 61s)"))
      << with.error();
  EXPECT_TRUE(tells(with, R"(descriptor 3: rcvbuf = 32K \(SOCKOPT_RCVBUF\); now 64K)"))
      << with.error();
  EXPECT_TRUE(tells(with, R"(descriptor 3: tos = af21 \(SOCKOPT_TOS\); now af21)")) << with.error();
}

TEST(DebugLogTest, AnAddressAndTheRuleThatItMatches) {
  const TemporaryDirectory directory;
  const auto file = directory.write(
      "sockopt.ini",
      "[sockopt]\nlog = debug\n[rule web]\nlisten = 127.0.0.1\nkeepidle = 61s\nbacklog = 1000000\n"
      "[rule db]\nconnect = 127.0.0.1\nkeepidle = 62s\n");
  const Played with = play(Script("listener l 5") + Script{"socket s inet", "connect s l"},
                           variables({{"CONFIG", file}}));
  const std::string place = R"( \(.*/sockopt.ini:)";
  EXPECT_TRUE(tells(with, R"(descriptor 3 \(127.0.0.1:\d+\): keepidle = 61s)" + place +
                              R"(5 \[web\]\); now 61s)"))
      << with.error();
  EXPECT_TRUE(
      tells(with, R"(descriptor 3 \(127.0.0.1:\d+\): backlog = 1000000)" + place +
                      R"(6 \[web\]\), the program asked for 5; now \d+ \(net.core.somaxconn\))"))
      << with.error();
  EXPECT_TRUE(tells(with, R"(descriptor 4 \(to 127.0.0.1:\d+\): keepidle = 62s)" + place +
                              R"(9 \[db\]\); now 62s)"))
      << with.error();
}

TEST(DebugLogTest, ABacklogThatIsTheProgramsOwn) {
  const Played with = play_with({{"LOG", "debug"}, {"BACKLOG", "4"}}, Script("listener l 5"));
  EXPECT_TRUE(tells(with, R"(backlog = 4 \(SOCKOPT_BACKLOG\), the program asked for 5; now 5)"))
      << with.error();
}

TEST(DebugLogTest, WhatEnforceReplacedAndIgnoreSwallowed) {
  const Played with = play_with(
      {{"LOG", "debug"}, {"ENFORCE", "1"}, {"KEEPIDLE", "61s"}, {"NODELAY", "ignore"}},
      {"socket s inet", "set s TCP_KEEPIDLE 30", "set s TCP_NODELAY 1", "set-null s TCP_KEEPIDLE"});
  EXPECT_TRUE(tells(with, R"(descriptor 3: keepidle = 61s \(SOCKOPT_KEEPIDLE\) in place of the )"
                          "program's own 30s; now 61s"))
      << with.error();
  EXPECT_TRUE(tells(with, R"(descriptor 3: nodelay = ignore \(SOCKOPT_NODELAY\) ignored the )"
                          "program's own on; now off"))
      << with.error();
  EXPECT_TRUE(tells(with, R"(in place of the program's own value; now 61s)")) << with.error();
}

TEST(DebugLogTest, ChangesNoResult) {
  const Script script =
      Script("listener l 5") + Script{"client c l",      "accept a l",  "set a TCP_KEEPIDLE 30",
                                      "socket s inet",   "connect s l", "set s TCP_KEEPIDLE 30",
                                      "open-descriptors"};
  const Environment settings = {
      {"LOG", "debug"}, {"ENFORCE", "1"}, {"NODELAY", "ignore"}, {"BACKLOG", "9"}};
  EXPECT_EQ(play_with(settings, script).lines, play_plainly(script).lines);
}

}  // namespace
}  // namespace sockopt::test
