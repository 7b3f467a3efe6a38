// SPDX-License-Identifier: MIT
//
// Which settings are put onto a socket at which call, as exact sequences of system calls: the
// base's at socket; what the rules replace or add at bind, listen or connect, and nothing else.
#include <gtest/gtest.h>

#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

// One rule for a listener, one for a peer, and a base; nodelay is nobody's but the base's.
constexpr std::string_view kRules = R"([sockopt]
keepidle = 60s
keepcnt = 5
nodelay = on

[rule web]
listen = 127.1.1.1
keepidle = 10s
reuseaddr = on
defer_accept = 5s
backlog = 77
quickack = off

[rule database]
connect = 127.1.1.2
keepcnt = 9
user_timeout = 30s
fastopen_connect = off
)";

// What a socket is asked where being mistaken would last: on bind, if none of TCP's own options
// proves it, and on every listen.
const NetworkCalls kAsked = {"get SO_PROTOCOL", "get SO_TYPE", "get SO_DOMAIN"};

class Applied : public ::testing::Test {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_STRACE(); }

  NetworkCalls calls(const Script& before, const Script& during) const {
    return network_calls(marked(before, during), rules_.environment());
  }

  RuleFile rules_{kRules};
};

TEST_F(Applied, AtSocketWhatTheBaseSays) {
  EXPECT_EQ(calls({}, "socket l inet"),
            (NetworkCalls{"socket", "set TCP_KEEPIDLE [60]", "set TCP_KEEPCNT [5]",
                          "set TCP_NODELAY [1]"}));
}

TEST_F(Applied, AtBindOnlyWhatMustPrecedeIt) {
  EXPECT_EQ(calls("socket l inet", "bind l 127.1.1.1"),
            (kAsked + NetworkCalls{"set SO_REUSEADDR [1]", "bind"}));
  EXPECT_EQ(calls("socket l inet", "bind l 127.1.1.3"), (NetworkCalls{"bind"}));
}

TEST_F(Applied, AtListenWhatTheAddressDecided) {
  EXPECT_EQ(
      calls("socket l inet; bind l 127.1.1.1", "listen l 5"),
      (kAsked + NetworkCalls{"getsockname", "set TCP_KEEPIDLE [10]", "set TCP_DEFER_ACCEPT [5]",
                             "listen 77", "getsockname", "set TCP_QUICKACK [0]"}));
  EXPECT_EQ(only(calls("socket l inet; bind l 127.1.1.3", "listen l 5"), "set"), NetworkCalls{});
}

TEST_F(Applied, AtConnectWhatThePeerDecided) {
  const Script listeners =
      "socket l inet; bind l 127.1.1.2; listen l 5; socket m inet; bind m 127.1.1.3; "
      "listen m 5; socket c inet";
  EXPECT_EQ(calls(listeners, "connect c l"),
            (NetworkCalls{"getsockname", "set TCP_KEEPCNT [9]", "set TCP_USER_TIMEOUT [30000]",
                          "set TCP_FASTOPEN_CONNECT [0]", "connect"}))
      << "the first getsockname is the program's own";
  EXPECT_EQ(calls(listeners, "connect c m"), (NetworkCalls{"getsockname", "connect"}));
}

// The kernel chooses the port in listen: what depends on it comes after.
TEST_F(Applied, AfterListenOfASocketThatWasNotBound) {
  const RuleFile rules(
      "[sockopt]\nnodelay = on\nkeepidle = 60s\n"
      "[rule low]\nlisten = 0.0.0.0:1-65535\nkeepidle = 10s\nbacklog = 50\n");
  EXPECT_EQ(network_calls(marked("socket l inet", "listen l 5"), rules.environment()),
            (kAsked + NetworkCalls{"getsockname", "listen 5", "getsockname",
                                   "set TCP_KEEPIDLE [10]", "listen 50"}));
}

// Of a rule that looks at the port, nothing can be said before there is one.
TEST_F(Applied, BoundToPortNullTheRealPortDecides) {
  const RuleFile rules("[rule chosen]\nlisten = 127.1.1.1:1-65535\nkeepidle = 10s\nbacklog = 50\n");
  EXPECT_EQ(
      network_calls(marked("socket l inet; bind l 127.1.1.1", "listen l 5"), rules.environment()),
      (kAsked + NetworkCalls{"getsockname", "set TCP_KEEPIDLE [10]", "listen 50"}));
}

TEST_F(Applied, ASecondListenRaisesTheBacklogAndSetsNothing) {
  EXPECT_EQ(only(calls("socket l inet; bind l 127.1.1.1; listen l 5", "listen l 6"), "set"),
            NetworkCalls{});
  EXPECT_EQ(only(calls("socket l inet; bind l 127.1.1.1; listen l 5", "listen l 6"), "listen"),
            (NetworkCalls{"listen 77"}));
}

TEST_F(Applied, WithoutAddressRulesNobodyAsksForTheAddress) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 60s\n[rule me]\nprogram = actor\nkeepcnt = 3\n"
      "backlog = 50\n");
  EXPECT_EQ(network_calls(marked({}, "listener l"), rules.environment()),
            (NetworkCalls{"socket", "set TCP_KEEPIDLE [60]", "set TCP_KEEPCNT [3]", "bind"} +
             kAsked + NetworkCalls{"listen 50"}));
}

TEST_F(Applied, AVariableEndsTheWaiting) {
  const RuleFile rules("[rule web]\nlisten = 127.1.1.1\nkeepidle = 10s\n");
  EXPECT_EQ(network_calls(marked({}, "socket l inet; bind l 127.1.1.1; listen l 5"),
                          rules.environment({{"KEEPIDLE", "30s"}})),
            (NetworkCalls{"socket", "set TCP_KEEPIDLE [30]", "bind"} + kAsked +
             NetworkCalls{"listen 5"}));
}

// An option of clients that waits for a peer is still one of clients.
TEST_F(Applied, ClientsOptionsAreNotPutOntoListenersWhateverRulesWait) {
  const RuleFile rules(
      "[sockopt]\nfastopen_connect = on\n"
      "[rule one]\nconnect = 127.1.1.1\nfastopen_connect = off\n");
  EXPECT_EQ(only(network_calls(marked({}, "listener l"), rules.environment()), "set"),
            NetworkCalls{});
}

// And what must precede bind is put onto a client, or a listener that is never bound, all the same.
TEST_F(Applied, WhatShouldPrecedeBindIsPutOntoWhatIsNeverBound) {
  const RuleFile rules(
      "[sockopt]\nreuseport = on\n[rule one]\nlisten = 127.1.1.1\n"
      "reuseport = off\n");
  EXPECT_EQ(
      only(network_calls(marked({}, "socket c inet; connect c 127.1.1.3:1"), rules.environment()),
           "set"),
      NetworkCalls{"set SO_REUSEPORT [1]"});
  EXPECT_EQ(
      only(network_calls(marked({}, "socket l inet; listen l 5"), rules.environment()), "set"),
      NetworkCalls{"set SO_REUSEPORT [1]"});
}

TEST_F(Applied, RulesForOtherProgramsAreNothing) {
  const RuleFile rules(
      "[rule web]\nprogram = nginx\nlisten = 127.1.1.1\nkeepidle = 10s\n"
      "[rule all]\nprogram = !actor\nkeepcnt = 3\n");
  const Script script =
      marked({},
             "socket l inet; bind l 127.1.1.1; listen l 5; client c l; accept a l; "
             "set a TCP_KEEPIDLE 7");
  EXPECT_EQ(network_calls(script, rules.environment()), network_calls(script, plain_environment()));
}

}  // namespace
}  // namespace sockopt::test
