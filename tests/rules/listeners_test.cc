// SPDX-License-Identifier: MIT
//
// Listeners of one process under different rules: each has its own options and backlog, what is
// accepted has its listener's, and accept costs nothing under any number of rules.
#include <gtest/gtest.h>

#include "tests/rules/rule_file.h"
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
  return {"socket " + name + " inet stream 0", "bind " + name + " " + address,
          "listen " + name + " " + std::to_string(backlog)};
}

const Script kTwoListeners =
    listener("web", "127.1.1.1") + listener("admin", "127.1.1.2") + listener("other", "127.1.1.3");

TEST(Listeners, EachHasTheOptionsOfItsRuleAndHandsThemOn) {
  const RuleFile rules(kWebAndAdmin);
  Script script = kTwoListeners;
  for (const std::string name : {"web", "admin", "other"}) {
    script = script + Script{"client c " + name, "accept a" + name + " " + name};
    for (const std::string option : {"1 9", "6 4", "6 6", "6 1"}) {
      script.push_back("get " + name + " " + option);
      script.push_back("get a" + name + " " + option);
    }
    script.push_back("backlog " + name);
  }
  const Played with = rules.play(script);
  const Played without = play_plainly(script);
  const int usual_idle = without.number("get web 6 4");
  const int usual_count = without.number("get web 6 6");
  for (const std::string accepted : {"", "a"}) {
    EXPECT_EQ(with.number("get " + accepted + "web 1 9"), 1);
    EXPECT_EQ(with.number("get " + accepted + "web 6 4"), 10);
    EXPECT_EQ(with.number("get " + accepted + "web 6 6"), usual_count);
    EXPECT_EQ(with.number("get " + accepted + "web 6 1"), 1);
    EXPECT_EQ(with.number("get " + accepted + "admin 1 9"), 0);
    EXPECT_EQ(with.number("get " + accepted + "admin 6 4"), 60);
    EXPECT_EQ(with.number("get " + accepted + "admin 6 6"), 2);
    EXPECT_EQ(with.number("get " + accepted + "admin 6 1"), 0);
    EXPECT_EQ(with.number("get " + accepted + "other 1 9"), 1);
    EXPECT_EQ(with.number("get " + accepted + "other 6 4"), 60);
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
                   Script{"backlog small", "backlog large", "backlog base", "backlog none"});
    EXPECT_EQ(played.number("backlog small"), 3) << asked;
    EXPECT_EQ(played.number("backlog large"), 90) << asked;
    EXPECT_EQ(played.number("backlog base"), std::max(50, asked));
    EXPECT_EQ(played.number("backlog none"), asked);
  }
  const Played negative = rules.play(listener("small", "127.1.1.1", -1) + Script{"backlog small"});
  EXPECT_EQ(negative.number("backlog small"), 3);
}

// The port is known only after listen, and the rule for it then decides in place of the base, as it
// would have before.
TEST(Listeners, BacklogOfASocketThatWasNotBound) {
  const Script script = {"socket l inet stream 0", "listen l 5", "backlog l"};
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
  const Played played = rules.play({"socket l inet stream 0", "listen l 5", "get l 6 4",
                                    "client c l", "accept a l", "get a 6 4"});
  EXPECT_EQ(played.number("get l 6 4"), 10);
  EXPECT_EQ(played.number("get a 6 4"), 10);
}

TEST(Listeners, AWildcardOneIsNotMatchedByAnAddress) {
  const RuleFile rules(
      "[rule a]\nlisten = 127.0.0.1, 127.0.0.0/8, 0.0.0.0/0\nkeepidle = 10s\n"
      "[rule b]\nlisten = 0.0.0.0\nkeepcnt = 3\n");
  const Played played = rules.play(listener("w", "0.0.0.0") + listener("l", "127.0.0.1") +
                                   Script{"client c w", "accept a w", "get a 6 4", "get a 6 6",
                                          "client d l", "accept b l", "get b 6 4", "get b 6 6"});
  EXPECT_NE(played.number("get a 6 4"), 10);
  EXPECT_EQ(played.number("get a 6 6"), 3);
  EXPECT_EQ(played.number("get b 6 4"), 10);
  EXPECT_NE(played.number("get b 6 6"), 3);
}

TEST(Listeners, ByPort) {
  const std::uint16_t port = free_port();
  const std::string one = std::to_string(port);
  const RuleFile rules("[rule one]\nlisten = " + one + "\nkeepidle = 10s\n");
  const Played played = rules.play(listener("l", "127.0.0.1:" + one) + listener("m", "127.0.0.1") +
                                   Script{"get l 6 4", "get m 6 4"});
  EXPECT_EQ(played.number("get l 6 4"), 10);
  EXPECT_NE(played.number("get m 6 4"), 10);
}

TEST(Listeners, ADualStackOneHandsOnToIpv4PeersToo) {
  const RuleFile rules(
      "[rule six]\nlisten = [::]\nkeepidle = 10s\ntos = 0x10\nttl = 33\n"
      "[rule four]\nlisten = 0.0.0.0\nkeepidle = 20s\nttl = 44\n");
  const Script script = {"socket l inet6 stream 0",
                         "bind l ::",
                         "listen l 5",
                         "client c l 4",
                         "accept a l",
                         "get a 6 4",
                         "get a 0 1",
                         "get a 0 2"};
  const Played played = rules.play(script);
  EXPECT_EQ(played.number("get a 6 4"), 10);
  EXPECT_EQ(played.number("get a 0 1"), 0x10);
  EXPECT_EQ(played.number("get a 0 2"), 33);
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
