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
#include "tests/support/paths.h"
#include "tests/support/rule_file.h"
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

TEST_P(RecycledNumber, WhatWasSetOnTheFirstSocketIsNotOnAListener) {
  const Facts facts =
      facts_of({victim("numbers"), "listener", GetParam()}, variables({{"KEEPIDLE", "61s"}}));
  EXPECT_EQ(facts["before"], "7200");
  EXPECT_EQ(facts["accepted"], "61");
  EXPECT_EQ(facts["after"], "61") << "left alone as if the program had set it";
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

// Numbers so high that nothing can be remembered of them. What the program opens has its options as
// ever; what it sets itself stands; a listener that it inherited is left as it was until it
// listens.
class BeyondTheTable : public ::testing::Test {
 protected:
  const Environment settings_ = variables({{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}});

  static Played on(Command command, const std::vector<std::string>& prefix) {
    command.argv.insert(command.argv.begin(), prefix.begin(), prefix.end());
    Played played = play(command);
    EXPECT_EQ(played.error(), "");
    return played;
  }

  void open_on(int number, const std::vector<std::string>& prefix) const {
    const Script script = {"socket l inet",
                           "dup2 l " + std::to_string(number),
                           "bind l 127.0.0.1",
                           "listen l 7",
                           "backlog l",
                           "client c l",
                           "accept a l",
                           "get a TCP_KEEPIDLE",
                           "set l TCP_KEEPIDLE 30",
                           "client d l",
                           "accept4 b l cloexec",
                           "get b TCP_KEEPIDLE",
                           "listen l 8",
                           "get l TCP_KEEPIDLE",
                           "socket s inet",
                           "dup2 s " + std::to_string(number - 1),
                           "connect s l",
                           "get s TCP_KEEPIDLE"};
    const Played played = on(actor(script, settings_), prefix);
    EXPECT_EQ(played.number("backlog l"), 1024);
    EXPECT_EQ(played.number("get a TCP_KEEPIDLE"), 61);
    EXPECT_EQ(played.number("get b TCP_KEEPIDLE"), 30);
    EXPECT_EQ(played.number("get l TCP_KEEPIDLE"), 30);
    EXPECT_EQ(played.number("get s TCP_KEEPIDLE"), 61);
  }

  void inherit_on(int number, const std::vector<std::string>& prefix) const {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener.get(), 16), 0);
    Command command = actor({"fd l " + std::to_string(number), "get l TCP_KEEPIDLE", "client c l",
                             "accept a l", "get a TCP_KEEPIDLE", "listen l 7", "backlog l"},
                            settings_);
    command.descriptors[number] = listener.get();
    const Played played = on(command, prefix);
    EXPECT_EQ(played.number("get a TCP_KEEPIDLE"), played.number("get l TCP_KEEPIDLE"))
        << "it is remembered, then";
    EXPECT_EQ(played.number("backlog l"), 1024);
  }
};

// Where address space is counted the table is short.
TEST_F(BeyondTheTable, OfAProcessWithLittleMemory) {
  const std::vector<std::string> prefix = {"prlimit", "--as=67108864"};
  open_on(9000, prefix);
  inherit_on(9000, prefix);
}

// Of what is plenty, the table takes the same as ever.
TEST_F(BeyondTheTable, IsNotWhereMemoryIsCountedAndThereIsEnough) {
  const Played played =
      on(actor("socket l inet; dup2 l 9000; bind l 127.0.0.1; set l TCP_DEFER_ACCEPT 30; "
               "listen l 7; get l TCP_DEFER_ACCEPT",
               variables({{"DEFER_ACCEPT", "5s"}})),
         {"prlimit", "--as=1073741824"});
  EXPECT_EQ(played.number("get l TCP_DEFER_ACCEPT"), 31) << "the program's own was not remembered";
}

// What was open before may lie beyond the limit.
TEST_F(BeyondTheTable, OfALimitThatWasLowered) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(listener.get(), 16), 0);
  Command command = actor(
      "fd l 3000; client c l; accept a l; get a TCP_KEEPIDLE; listen l 7; backlog l", settings_);
  command.descriptors[3000] = listener.get();
  const Played played = on(command, {"prlimit", "--nofile=64:64"});
  EXPECT_EQ(played.number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(played.number("backlog l"), 1024);
}

// A million, where the test may have as many.
TEST_F(BeyondTheTable, TheHighestNumberThereCanBe) {
  constexpr rlim_t kMillion = 1'000'000;
  constexpr rlim_t kLongestTable = 32'768;
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit raised = {kMillion, std::max(kMillion, limit.rlim_max)};
  rlim_t count = kMillion;
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
    count = limit.rlim_max;
    const rlimit most = {count, count};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &most), 0);
  }
  // Less those that the start of a program takes meanwhile.
  const int highest = static_cast<int>(count - 16);
  open_on(highest, {});
  if (count - 16 >= kLongestTable) inherit_on(highest, {});
  if (count == kMillion) setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace sockopt::test
