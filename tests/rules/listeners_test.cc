// SPDX-License-Identifier: MIT
//
// Listeners of one process under different rules: each has its own options and backlog, what is
// accepted has its listener's, and accept costs nothing under any number of rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kWebAndAdmin = R"([sockopt]
keepalive = on
keepidle = 60s

[rule web]
listen = 127.1.1.1
keepidle = 10s
nodelay = on
backlog = 100

[rule admin]
listen = 127.1.1.2
keepalive = default
keepcnt = 2
backlog = 3
)";

Script listener(const std::string& name, const std::string& address, int backlog = 5) {
  return {"socket " + name + " inet", "bind " + name + " " + address,
          "listen " + name + " " + std::to_string(backlog)};
}

const Script kTwoListeners =
    listener("web", "127.1.1.1") + listener("admin", "127.1.1.2") + listener("other", "127.1.1.3");

TEST(Listeners, EachHasTheOptionsOfItsRuleAndHandsThemOn) {
  const RuleFile rules(kWebAndAdmin);
  Script script = kTwoListeners;
  for (const std::string name : {"web", "admin", "other"}) {
    script = script + Script{"client c " + name, "accept a" + name + " " + name};
    for (const std::string option :
         {"SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPCNT", "TCP_NODELAY"}) {
      script.push_back("get " + name + " " + option);
      script.push_back("get a" + name + " " + option);
    }
    script.push_back("backlog " + name);
  }
  const Played with = rules.play(script);
  const Played without = play_plainly(script);
  const int usual_idle = without.number("get web TCP_KEEPIDLE");
  const int usual_count = without.number("get web TCP_KEEPCNT");
  for (const std::string accepted : {"", "a"}) {
    EXPECT_EQ(with.number("get " + accepted + "web SO_KEEPALIVE"), 1);
    EXPECT_EQ(with.number("get " + accepted + "web TCP_KEEPIDLE"), 10);
    EXPECT_EQ(with.number("get " + accepted + "web TCP_KEEPCNT"), usual_count);
    EXPECT_EQ(with.number("get " + accepted + "web TCP_NODELAY"), 1);
    EXPECT_EQ(with.number("get " + accepted + "admin SO_KEEPALIVE"), 0);
    EXPECT_EQ(with.number("get " + accepted + "admin TCP_KEEPIDLE"), 60);
    EXPECT_EQ(with.number("get " + accepted + "admin TCP_KEEPCNT"), 2);
    EXPECT_EQ(with.number("get " + accepted + "admin TCP_NODELAY"), 0);
    EXPECT_EQ(with.number("get " + accepted + "other SO_KEEPALIVE"), 1);
    EXPECT_EQ(with.number("get " + accepted + "other TCP_KEEPIDLE"), 60);
  }
  EXPECT_NE(usual_idle, 60);
  EXPECT_EQ(with.number("backlog web"), 100);
  EXPECT_EQ(with.number("backlog admin"), 5) << "the larger of the two";
  EXPECT_EQ(with.number("backlog other"), 5);
}

TEST(Listeners, BacklogUnderEnforceIsExactlyTheRules) {
  const RuleFile rules(
      "[sockopt]\nbacklog = 50\n"
      "[rule small]\nlisten = 127.1.1.1\nenforce = yes\nbacklog = 3\n"
      "[rule large]\nlisten = 127.1.1.2\nenforce = yes\nbacklog = 90\n"
      "[rule none]\nlisten = 127.1.1.4\nenforce = yes\nbacklog = default\n");
  for (const int asked : {1, 5, 70, 128}) {
    const Played played =
        rules.play(listener("small", "127.1.1.1", asked) + listener("large", "127.1.1.2", asked) +
                   listener("base", "127.1.1.3", asked) + listener("none", "127.1.1.4", asked) +
                   "backlog small; backlog large; backlog base; backlog none");
    EXPECT_EQ(played.number("backlog small"), 3) << asked;
    EXPECT_EQ(played.number("backlog large"), 90) << asked;
    EXPECT_EQ(played.number("backlog base"), std::max(50, asked));
    EXPECT_EQ(played.number("backlog none"), asked);
  }
  rules.play(listener("small", "127.1.1.1", -1) + "backlog small = 3");
}

// The port is known only after listen, and the rule for it then decides in place of the base, as it
// would have before.
TEST(Listeners, BacklogOfASocketThatWasNotBound) {
  const Script script = "socket l inet; listen l 5; backlog l";
  const auto backlog = [&](const std::string& rules) {
    return RuleFile(rules).play(script).number("backlog l");
  };
  const std::string rule = "[rule any]\nlisten = 0.0.0.0\n";
  EXPECT_EQ(backlog(rule + "backlog = 90\n"), 90);
  EXPECT_EQ(backlog(rule + "backlog = 3\n"), 5);
  EXPECT_EQ(backlog(rule + "enforce = yes\nbacklog = 3\n"), 3);
  EXPECT_EQ(backlog("[sockopt]\nbacklog = 50\n" + rule + "backlog = 90\n"), 90);
  EXPECT_EQ(backlog("[sockopt]\nbacklog = 50\n" + rule + "backlog = 20\n"), 20);
  EXPECT_EQ(backlog("[sockopt]\nbacklog = 50\n" + rule + "backlog = default\n"), 5);
  EXPECT_EQ(backlog("[sockopt]\nbacklog = 2\nenforce = yes\n" + rule + "backlog = 3\n"), 5);
}

TEST(Listeners, OptionsOfASocketThatWasNotBound) {
  const RuleFile rules("[sockopt]\nkeepidle = 60s\n[rule any]\nlisten = 0.0.0.0\nkeepidle = 10s\n");
  rules.play(
      "socket l inet; listen l 5; get l TCP_KEEPIDLE = 10; client c l; accept a l; "
      "get a TCP_KEEPIDLE = 10");
}

TEST(Listeners, AWildcardOneIsNotMatchedByAnAddress) {
  const RuleFile rules(
      "[rule a]\nlisten = 127.0.0.1, 127.0.0.0/8, 0.0.0.0/0\nkeepidle = 10s\n"
      "[rule b]\nlisten = 0.0.0.0\nkeepcnt = 3\n");
  rules.play(listener("w", "0.0.0.0") + listener("l", "127.0.0.1") +
             "client c w; accept a w; get a TCP_KEEPIDLE != 10; get a TCP_KEEPCNT = 3; "
             "client d l; accept b l; get b TCP_KEEPIDLE = 10; get b TCP_KEEPCNT != 3");
}

TEST(Listeners, ByPort) {
  const std::uint16_t port = free_port();
  const std::string one = std::to_string(port);
  const RuleFile rules("[sockopt]\nreuseaddr = off\n[rule one]\nlisten = " + one +
                       "\nkeepidle = 10s\nreuseaddr = on\n");
  rules.play(listener("l", "127.0.0.1:" + one) + listener("m", "127.0.0.1") +
             "get l TCP_KEEPIDLE = 10; get m TCP_KEEPIDLE != 10; "
             "get l SO_REUSEADDR = 1; get m SO_REUSEADDR = 0");
}

// The kernel chooses it, and only then does a rule for ports match.
TEST(Listeners, ByAPortThatTheKernelChooses) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 60s\nkeepcnt = 3\nkeepintvl = 5s\nreuseaddr = off\n"
      "[rule none]\nlisten = 127.1.1.9\nkeepcnt = 9\n"
      "[rule all]\nlisten = 1-65535\nkeepidle = default\nkeepintvl = 6s\nreuseaddr = on\n"
      "[rule before]\nlisten = !1-65535\nkeepcnt = default\n");
  rules.play(
      "socket l inet; bind l 127.0.0.1; get l TCP_KEEPINTVL = 5; listen l 5; "
      "get l TCP_KEEPIDLE != 60; get l TCP_KEEPCNT = 3; get l TCP_KEEPINTVL = 6; "
      "get l SO_REUSEADDR = 0; socket m inet; listen m 5; get m TCP_KEEPIDLE != 60; "
      "get m TCP_KEEPINTVL = 6; get m SO_REUSEADDR = 0");
}

// What has to precede bind is there, what need not waits for what it becomes.
TEST(Listeners, ByTheAddressOfBind) {
  const RuleFile rules(
      "[rule web]\nlisten = 127.1.1.1\nreuseport = on\nkeepidle = 10s\n"
      "[rule peers]\nconnect = *\nkeepcnt = 3\n");
  rules.play(
      "socket l inet; bind l 127.1.1.1; get l SO_REUSEPORT = 1; get l TCP_KEEPIDLE != 10; "
      "listen l 5; get l TCP_KEEPIDLE = 10; socket p inet; bind p 127.1.1.2; listen p 5; "
      "socket c inet; bind c 127.1.1.1; connect c p; get c SO_REUSEPORT = 1; "
      "get c TCP_KEEPCNT = 3; get c TCP_KEEPIDLE != 10; get p SO_REUSEPORT = 0");
}

TEST(Listeners, ADualStackOneHandsOnToIpv4PeersToo) {
  const RuleFile rules(
      "[rule six]\nlisten = [::]\nkeepidle = 10s\ntos = 0x10\nttl = 33\n"
      "[rule four]\nlisten = 0.0.0.0\nkeepidle = 20s\nttl = 44\n");
  const Script script =
      "socket l inet6; bind l ::; listen l 5; client c l 4; accept a l; "
      "get a TCP_KEEPIDLE = 10; get a IP_TOS = 16; get a IP_TTL = 33";
  rules.play(script);
}

Script accepting(const std::string& name, int count) {
  Script script;
  for (int i = 0; i < count; ++i) {
    script = script + Script{"client c " + name, "accept a " + name + (i % 2 == 0 ? "" : " null")};
  }
  return script;
}

// As with no shim at all, call by call.
TEST(Listeners, AcceptAddsNothingUnderAddressRules) {
  SOCKOPT_NEEDS_STRACE();
  constexpr int kConnections = 20;
  std::string text(kWebAndAdmin);
  text += "enforce = yes\n";
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule more" + number + "]\nlisten = 127.2.0." + number +
            "\nkeepidle = 5s\nuser_timeout = 90s\n[rule peer" + number + "]\nconnect = 127.2.0." +
            number + "\nkeepidle = 6s\n";
  }
  const RuleFile rules(text);
  const Script script =
      marked(kTwoListeners, accepting("web", kConnections) + accepting("admin", kConnections) +
                                accepting("other", kConnections));
  const NetworkCalls with = network_calls(script, rules.environment());
  const NetworkCalls without = network_calls(script, plain_environment());
  EXPECT_EQ(with, without);
  EXPECT_EQ(only(with, "accept").size(), 3u * kConnections);
  std::cout << "3 listeners, 402 rules: " << with.size() - without.size()
            << " extra system calls for " << 3 * kConnections << " accepted connections\n";
}

// priority is the one option that costs a call for each connection, where it is asked for.
TEST(Listeners, OneThatNoRuleGivesAPriorityIsStillFree) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules("[rule web]\nlisten = 127.1.1.1\npriority = 4\n");
  const auto calls = [&](const std::string& name, const Environment& environment) {
    return network_calls(marked(kTwoListeners, accepting(name, 3)), environment);
  };
  EXPECT_EQ(only(calls("web", rules.environment()), "set"),
            (NetworkCalls{"set SO_PRIORITY [4]", "set SO_PRIORITY [4]", "set SO_PRIORITY [4]"}));
  EXPECT_EQ(calls("other", rules.environment()), calls("other", plain_environment()));
}

}  // namespace
}  // namespace sockopt::test
