// SPDX-License-Identifier: MIT
//
// Programs that are started for one connection, which is their standard input (inetd, tcpserver) or
// stands in LISTEN_FDS (Accept=yes): it gets its settings at start. Before that the actor accepts
// it without any.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// The actor, which has a policy only once it is exec'ed, and the connection on this number then.
Script given_on(int number, const std::string& kind = "") {
  return Script("listener l 5" + kind) + Script{"client c l",
                                                "accept a l",
                                                "dup2 a " + std::to_string(number),
                                                "setenv SOCKOPT_KEEPIDLE 61s",
                                                "setenv SOCKOPT_KEEPALIVE on",
                                                "setenv SOCKOPT_PRIORITY 4"};
}
const Script kRead = {"get g SO_KEEPALIVE", "get g TCP_KEEPIDLE", "get g SO_PRIORITY"};

void expect_given(const Played& played) {
  EXPECT_EQ(played.number("get g SO_KEEPALIVE"), 1);
  EXPECT_EQ(played.number("get g TCP_KEEPIDLE"), 61);
  EXPECT_EQ(played.number("get g SO_PRIORITY"), 4);
}

TEST(GivenConnectionTest, AsStandardInput) {
  expect_given(play(given_on(0) + Script{"exec", "fd g 0"} + kRead, variables({})));
}

TEST(GivenConnectionTest, AsStandardInputOfMptcp) {
  SOCKOPT_NEEDS_MPTCP();
  Script script = given_on(0, " mptcp");
  script[3] = "client c l mptcp";
  const Played played =
      play(script + Script{"exec", "fd g 0", "get g SO_PROTOCOL"} + kRead, variables({}));
  EXPECT_EQ(played.number("get g SO_PROTOCOL"), 262);
  expect_given(played);
}

TEST(GivenConnectionTest, InListenFds) {
  Command command = actor(given_on(3) + Script{"exec", "fd g 3"} + kRead, variables({}));
  command.environment["LISTEN_FDS"] = "1";
  command.pid_variable = "LISTEN_PID";
  expect_given(play(std::move(command)));
}

TEST(GivenConnectionTest, ARuleIsForTheAddressItCameTo) {
  const TemporaryDirectory directory;
  const auto file =
      directory.write("sockopt.ini", "[rule here]\nlisten = 127.0.0.1\nkeepidle = 62s\n");
  const Played played = play(
      given_on(0) + Script{"unsetenv SOCKOPT_KEEPIDLE", "setenv SOCKOPT_CONFIG " + file.string(),
                           "exec", "fd g 0", "get g TCP_KEEPIDLE"},
      variables({}));
  EXPECT_EQ(played.number("get g TCP_KEEPIDLE"), 62);
}

TEST(GivenConnectionTest, OtherInputIsLeftAlone) {
  const Script script = {
      "socketpair p", "dup2 p 0", "setenv SOCKOPT_KEEPALIVE on", "setenv SOCKOPT_PRIORITY 4",
      "exec",         "fd g 0",   "get g SO_KEEPALIVE",          "get g SO_PRIORITY"};
  EXPECT_EQ(play(script, variables({})).lines, play_plainly(script).lines);
}

}  // namespace
}  // namespace sockopt::test
