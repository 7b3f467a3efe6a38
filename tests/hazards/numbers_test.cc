// SPDX-License-Identifier: MIT
//
// A number that another socket has now, which got there unseen. What the program set on the first
// it has not set on the second, and a connection of the first is none of the second. See also
// tests/preload/numbers_test.cc and tests/rules/enforce_numbers_test.cc.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/hazards/facts.h"
#include "tests/rules/rule_file.h"
#include "tests/support/paths.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kRules = "[rule peer]\nconnect = 127.0.0.2\nkeepidle = 20s\n";

class RecycledNumber : public ::testing::TestWithParam<const char*> {
 protected:
  Facts numbers(const std::string& first) const {
    return facts_of({victim("numbers"), first, GetParam()}, RuleFile(kRules).environment());
  }
};

TEST_P(RecycledNumber, WhatWasSetOnTheFirstSocketIsNotOnTheSecond) {
  const Facts facts = numbers("own");
  EXPECT_EQ(facts["before"], "7200");
  EXPECT_EQ(facts["connected"], "20") << "left alone as if the program had set it";
}

TEST_P(RecycledNumber, TheSameAddressAgainIsAnotherConnection) {
  const Facts facts = numbers("connected");
  EXPECT_EQ(facts["first"], "20");
  EXPECT_EQ(facts["before"], "7200");
  EXPECT_EQ(facts["connected"], "20") << "taken for the connection of the first";
}

INSTANTIATE_TEST_SUITE_P(, RecycledNumber,
                         ::testing::Values("close", "close_range", "dup2", "dup3", "fcntl",
                                           "received"),
                         [](const auto& way) { return std::string(way.param); });

TEST(NumbersHazardTest, AVforkedChildDoesNotForgetForItsParent) {
  const Facts facts = facts_of({victim("numbers"), "own", "vfork"}, RuleFile(kRules).environment());
  EXPECT_EQ(facts["before"], "30");
  EXPECT_EQ(facts["connected"], "30") << "what the program set itself was replaced";
}

// A listener on a number that the shim's table does not reach.
class BeyondTheTable : public ::testing::Test {
 protected:
  static Played serve_on(int number, const std::vector<std::string>& prefix) {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener.get(), 16), 0);
    Command command = actor({"fd l " + std::to_string(number), "client c l", "accept a l",
                             "get a 6 4", "client d l", "accept4 b l cloexec", "get b 6 4",
                             "set l 6 4 30", "client e l", "listen l 7", "backlog l", "get l 6 4"},
                            variables({{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}}));
    command.argv.insert(command.argv.begin(), prefix.begin(), prefix.end());
    command.descriptors[number] = listener.get();
    Played played = play(command);
    EXPECT_EQ(played.number("get a 6 4"), 61);
    EXPECT_EQ(played.number("get b 6 4"), 61);
    EXPECT_EQ(played.number("backlog l"), 1024);
    EXPECT_EQ(played.error(), "");
    return played;
  }
};

// The table is as long as the limit at the start; what was open before may lie beyond it.
TEST_F(BeyondTheTable, OfALimitThatWasLowered) { serve_on(3000, {"prlimit", "--nofile=64:64"}); }

TEST_F(BeyondTheTable, TheHighestNumberThereCanBe) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t wanted = 1'000'000;
  const rlimit raised = {wanted, std::max(wanted, limit.rlim_max)};
  const bool as_many = setrlimit(RLIMIT_NOFILE, &raised) == 0;
  if (!as_many) {
    const rlimit most = {limit.rlim_max, limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &most), 0);
  }
  // Less those that the start of a program takes meanwhile.
  serve_on(static_cast<int>((as_many ? wanted : limit.rlim_max) - 16), {});
  if (as_many) setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace sockopt::test
