// SPDX-License-Identifier: MIT
//
// Calls that undo options: what one setting, or the kernel, does to another. They are put back.
#include <gtest/gtest.h>

#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

// IP_TOS also sets SO_PRIORITY, after its own fashion.
TEST(SideEffectTest, TosLeavesThePriorityAsItWasAskedFor) {
  const std::string peer = "connect = 127.0.0.1\ntos = 0x10\n";
  const RuleFile rules("[sockopt]\npriority = 4\n[rule peer]\n" + peer +
                       "[rule server]\nlisten = 127.0.0.1\ntos = 0x10\n");
  const Played played = rules.play(
      "listener l; socket s inet; connect s l; get s IP_TOS; get s SO_PRIORITY; "
      "get l IP_TOS; get l SO_PRIORITY; accept a l; get a IP_TOS; get a SO_PRIORITY");
  for (const std::string name : {"s", "l", "a"}) {
    EXPECT_EQ(played.number("get " + name + " IP_TOS"), 0x10) << name;
    EXPECT_EQ(played.number("get " + name + " SO_PRIORITY"), 4) << name;
  }
}

// The same where the program sets the one, and nobody but the policy the other.
TEST(SideEffectTest, TheProgramsTosLeavesThePriorityAsItWasAskedFor) {
  const Script script = "socket s inet; set s IP_TOS 16; get s IP_TOS = 16; get s SO_PRIORITY";
  const Played played = play_with({{"PRIORITY", "4"}}, script);
  EXPECT_EQ(played.number("get s SO_PRIORITY"), 4);
  const Script both = "socket s inet; set s SO_PRIORITY 2; set s IP_TOS 16; get s SO_PRIORITY";
  EXPECT_EQ(play_with({{"PRIORITY", "4"}}, both).number("get s SO_PRIORITY"),
            play_plainly(both).number("get s SO_PRIORITY"))
      << "the program asked for both";
}

// Connecting to AF_UNSPEC dissolves a connection and resets what the kernel calls the socket's own.
class Reconnects : public ::testing::TestWithParam<const char*> {};

TEST_P(Reconnects, HaveTheirOptionsAgain) {
  const std::string options = "rto_min_us = 40ms\nwindow_clamp = 65536\nkeepidle = 61s\n";
  const Script reading = "get s TCP_RTO_MIN_US; get s TCP_WINDOW_CLAMP; get s TCP_KEEPIDLE";
  const Script script = Script(
                            "socket l inet; bind l 127.0.0.2; listen l 16; "
                            "socket s inet; set s TCP_KEEPIDLE 30; connect s l") +
                        reading + "disconnect s; connect s l" + reading;
  const Played without = play_plainly(script);
  const Played with = RuleFile(GetParam() + options).play(script);
  EXPECT_EQ(with.result("disconnect s"), without.result("disconnect s"));
  const auto twice = [](const std::string& value) { return std::vector{value, value}; };
  if (without.result("get s TCP_RTO_MIN_US") != "ENOPROTOOPT") {
    EXPECT_EQ(with.results("get s TCP_RTO_MIN_US"), twice("40000"));
  }
  EXPECT_EQ(with.results("get s TCP_WINDOW_CLAMP"), twice("65536"));
  EXPECT_EQ(with.results("get s TCP_KEEPIDLE"), twice("30")) << "the program's own";
}

INSTANTIATE_TEST_SUITE_P(, Reconnects,
                         ::testing::Values("[sockopt]\n", "[rule peer]\nconnect = 127.0.0.2\n"),
                         [](const auto& row) {
                           return row.index == 0 ? "ForEverySocket" : "ByARule";
                         });

}  // namespace
}  // namespace sockopt::test
