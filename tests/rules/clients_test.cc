// SPDX-License-Identifier: MIT
//
// Client sockets under rules for peers: one system call for each option that is set, nothing for a
// connect that is polled, and a new decision for a new peer.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kPeers = R"([sockopt]
keepidle = 60s

[rule near]
connect = 127.1.0.0/16
keepidle = 10s
keepcnt = 2

[rule one]
connect = 127.1.1.1
nodelay = on
user_timeout = 30s
)";

const Script kListeners =
    "socket one inet; bind one 127.1.1.1; listen one 5; socket near inet; "
    "bind near 127.1.2.2; listen near 5; socket far inet; bind far 127.2.2.2; "
    "listen far 5";

TEST(Clients, GetWhatTheRulesOfTheirPeerSay) {
  RuleFile(kPeers).play(
      kListeners +
      "socket a inet; connect a one = 0; get a TCP_KEEPIDLE = 10; "
      "get a TCP_KEEPCNT = 2; get a TCP_NODELAY = 1; get a TCP_USER_TIMEOUT = 30000; "
      "socket b inet; connect b near; get b TCP_KEEPIDLE = 10; get b TCP_KEEPCNT = 2; "
      "get b TCP_NODELAY = 0; socket c inet; connect c far; get c TCP_KEEPIDLE = 60; "
      "get c TCP_KEEPCNT != 2; get c TCP_NODELAY");
}

// And one more where the rule replaces what the base had set.
TEST(Clients, OneCallForEachOptionAndNoOther) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules(kPeers);
  const auto added = [&](const std::string& peer) {
    const Script script = marked(kListeners, {"socket c inet", "connect c " + peer});
    NetworkCalls with = network_calls(script, rules.environment());
    const NetworkCalls without = network_calls(script, plain_environment());
    const NetworkCalls sets = only(with, "set");
    std::cout << "a client of `" << peer << "`: " << with.size() - without.size()
              << " extra system calls\n";
    std::erase_if(with, [](const std::string& call) { return call.starts_with("set"); });
    EXPECT_EQ(with, without);
    return sets;
  };
  EXPECT_EQ(added("one"),
            (NetworkCalls{"set TCP_KEEPIDLE [60]", "set TCP_KEEPIDLE [10]", "set TCP_KEEPCNT [2]",
                          "set TCP_USER_TIMEOUT [30000]", "set TCP_NODELAY [1]"}));
  EXPECT_EQ(added("near"), (NetworkCalls{"set TCP_KEEPIDLE [60]", "set TCP_KEEPIDLE [10]",
                                         "set TCP_KEEPCNT [2]"}));
  EXPECT_EQ(added("far"), (NetworkCalls{"set TCP_KEEPIDLE [60]"}));
}

TEST(Clients, AConnectThatIsPolledIsNothingMore) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules(kPeers);
  const NetworkCalls calls =
      network_calls(marked(kListeners + "socket c inet stream|nonblock; connect c one",
                           "connect c one; connect c one; writable c; connect c one"),
                    rules.environment());
  EXPECT_EQ(only(calls, "set"), NetworkCalls{});
  // Each time the kernel is asked whether the number still has the same socket.
  EXPECT_EQ(only(calls, "get TCP_INFO").size(), 3u);
  EXPECT_EQ(only(calls, "get").size(), only(calls, "getsockname").size() + 3)
      << "the others are the program's own";
  EXPECT_EQ(only(calls, "connect").size(), 3u);
}

TEST(Clients, AnotherPeerIsDecidedAnew) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules(
      "[sockopt]\nkeepidle = 60s\n[rule a]\nconnect = 127.1.1.1\nkeepidle = 10s\n"
      "[rule b]\nconnect = 127.1.1.2\nkeepidle = 20s\n");
  // Nobody listens on port 1: refused, and tried elsewhere, as getaddrinfo's loop does.
  const Script refused = "socket c inet; connect c 127.1.1.1:1";
  const auto sets = [&](const Script& script) {
    return only(network_calls(marked(refused, script), rules.environment()), "set");
  };
  EXPECT_EQ(sets("connect c 127.1.1.2:1"), NetworkCalls{"set TCP_KEEPIDLE [20]"});
  EXPECT_EQ(sets("connect c 127.1.1.3:1"), NetworkCalls{"set TCP_KEEPIDLE [60]"});
  EXPECT_EQ(sets("connect c 127.1.1.2:1; connect c 127.1.1.1:1"),
            (NetworkCalls{"set TCP_KEEPIDLE [20]", "set TCP_KEEPIDLE [10]"}));
  EXPECT_EQ(sets("connect c 127.1.1.1:1"), NetworkCalls{"set TCP_KEEPIDLE [10]"})
      << "tried again after it failed";
}

TEST(Clients, WhatTheProgramSetItselfStandsUnderEveryPeer) {
  RuleFile(kPeers).play(
      kListeners +
      "socket c inet; set c TCP_KEEPIDLE 7; connect c one; get c TCP_KEEPIDLE = 7; "
      "get c TCP_KEEPCNT; set c TCP_KEEPCNT 8; get c TCP_KEEPCNT = 8");
}

// An AF_INET6 socket that connects to ::ffff:127.1.1.1.
TEST(Clients, MappedPeersAreIpv4Peers) {
  RuleFile(kPeers).play(
      "socket six inet6; connect six ::ffff:127.1.1.1; get six TCP_KEEPIDLE = 10; "
      "get six TCP_KEEPCNT = 2; get six TCP_USER_TIMEOUT = 30000");
}

TEST(Clients, OfAnAddressOnlyTheRightFamily) {
  const RuleFile rules(
      "[rule six]\nconnect = [::1]\nkeepidle = 10s\n"
      "[rule four]\nconnect = 127.0.0.1\nkeepidle = 20s\n");
  rules.play("listener l inet6; socket c inet6; connect c l; get c TCP_KEEPIDLE = 10");
  const Played four = rules.play("listener l; socket c inet; connect c l; get c TCP_KEEPIDLE = 20");
}

// quickack is reset by connect, and so comes after it; the decision is the peer's.
TEST(Clients, QuickackComesAfterConnect) {
  SOCKOPT_NEEDS_STRACE();
  const RuleFile rules("[rule a]\nconnect = 127.1.1.1\nquickack = off\n");
  const auto calls = [&](const std::string& peer) {
    const NetworkCalls all = network_calls(
        marked(kListeners + "socket c inet", {"connect c " + peer}), rules.environment());
    return NetworkCalls(all.begin() + 1, all.end());  // the program's own getsockname
  };
  EXPECT_EQ(calls("one"), (NetworkCalls{"connect", "set TCP_QUICKACK [0]"}));
  EXPECT_EQ(calls("far"), (NetworkCalls{"connect"}));
}

// Neither the base nor two hundred rules cost a socket that is none of ours anything.
class OtherSockets : public ::testing::TestWithParam<const char*> {};

TEST_P(OtherSockets, CostNothingUnderTwoHundredRules) {
  SOCKOPT_NEEDS_STRACE();
  std::string text = "[sockopt]\nenforce = yes\nkeepalive = on\ntos = 0x10\npriority = 4\n";
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule r" + number + "]\n" + (i % 2 == 0 ? "listen" : "connect") + " = 127.1.1." +
            number + "\nenforce = yes\nkeepidle = 10s\ntos = 0x08\nbacklog = 700\n";
  }
  const RuleFile rules(text);
  Script script = {std::string("socket s ") + GetParam()};
  if (script[0].find("inet") != std::string::npos) {
    script = script + "set s SO_PRIORITY 2; bind s 127.1.1.1; connect s 127.1.1.2:53";
  } else if (script[0].find("unix") != std::string::npos) {
    script = script + "set s SO_KEEPALIVE 1; bind s unix:@rules; listen s 5";
  }
  script.push_back("close s");
  const NetworkCalls with = network_calls(marked({}, script), rules.environment());
  const NetworkCalls without = network_calls(marked({}, script), plain_environment());
  EXPECT_EQ(with, without);
  EXPECT_FALSE(with.empty());
  std::cout << GetParam() << ": " << with.size() - without.size() << " extra system calls\n";
}

INSTANTIATE_TEST_SUITE_P(, OtherSockets,
                         ::testing::Values("inet dgram", "inet6 dgram", "unix stream", "unix dgram",
                                           "unix seqpacket", "netlink raw", "inet raw icmp"),
                         [](const auto& row) {
                           std::string name(row.param);
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace sockopt::test
