// SPDX-License-Identifier: MIT
//
// What a call returns and how it fails is the program's to see, unchanged: every errno of every
// call, arguments that are no address, interruptions, no descriptor left. Each is run without the
// shim and with one that has work to do at every call.
#include <gtest/gtest.h>

#include "tests/support/facts.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

// Rules for every kind of address: the library has to read it.
constexpr std::string_view kResultsRules = R"([sockopt]
keepidle = 61s
priority = 4
quickack = on
bind_address_no_port = off

[rule servers]
listen = 127.0.0.0/8, [::1]
keepcnt = 5
reuseaddr = off
backlog = 16
enforce = yes

[rule clients]
connect = 127.0.0.0/8, [::1]
keepintvl = 11s
fastopen_connect = off
enforce = yes
)";

class ResultsTest : public ::testing::Test {
 protected:
  std::vector<std::string> without(const std::string& kind) {
    return facts_of({victim("results"), kind}, plain_environment()).lines;
  }
  std::vector<std::string> with(const std::string& kind) {
    return facts_of({victim("results"), kind}, rules_.environment()).lines;
  }
  RuleFile rules_{kResultsRules};
};

TEST_F(ResultsTest, EveryErrorOfEveryCallIsPassedOn) {
  const auto expected = without("errors");
  EXPECT_EQ(expected.size(), 2 * 7 * 24u);
  EXPECT_EQ(with("errors"), expected);
}

TEST_F(ResultsTest, PointersToNothingAreTheKernelsToJudge) {
  const auto expected = without("pointers");
  EXPECT_GT(expected.size(), 300u);
  const auto actual = with("pointers");
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(actual[i], expected[i]);
}

// A light thread's stack ends where it was made to end.
TEST_F(ResultsTest, PointersAboveAStackOfItsOwnAreTheKernelsToJudge) {
  const auto expected = without("own-stack");
  EXPECT_EQ(expected.size(), 3u * 378);
  EXPECT_EQ(with("own-stack"), expected);
}

// As of a connection pool that was freed under an allocator with guard pages.
TEST_F(ResultsTest, APointerThatWasGoodBeforeIsTheKernelsToJudge) {
  const auto expected = without("gone");
  EXPECT_EQ(expected, (std::vector<std::string>{"connect -1 errno 14", "bind -1 errno 14"}));
  EXPECT_EQ(with("gone"), expected);
}

// The kernel has what it needs of it before a call waits; another thread may unmap it meanwhile.
TEST_F(ResultsTest, WhatWasPassedMayBeGoneWhenACallReturns) {
  Environment plain = plain_environment();
  plain["LD_PRELOAD"] = victim("libunmapping.so");
  const auto expected = facts_of({victim("vanishing")}, plain).lines;
  EXPECT_EQ(expected.size(), 2U + 2 * 4 + 3);
  for (const Environment& base :
       {rules_.environment(), variables({{"KEEPIDLE", "61s"}, {"WINDOW_CLAMP", "64K"}})}) {
    Environment with = base;
    with["LD_PRELOAD"] += ":" + victim("libunmapping.so").string();
    EXPECT_EQ(facts_of({victim("vanishing")}, with).lines, expected);
  }
}

// A child that shares its parent's memory shares errno with it. What one of them leaves there while
// we are at work for the other is not ours to write over.
TEST(SharedErrno, WhatAnotherLeftThereStays) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 61s\npriority = 4\nquickack = on\n"
      "[rule servers]\nlisten = 127.0.0.1\nreuseaddr = on\nkeepcnt = 5\n");
  Environment environment = rules.environment();
  environment["LD_PRELOAD"] += ":" + victim("libsharing.so").string();
  const Script calls =
      "socket l inet; bind l 127.0.0.1; listen l 5; client c l; accept a l; socket s inet; "
      "connect s l";
  const Played played = play(calls, environment);
  for (const std::string& call : calls) {
    if (call.starts_with("client")) continue;
    EXPECT_TRUE(played.result(call).ends_with(" ENOTNAM")) << call << " = " << played.result(call);
  }
}

// On a listener, on what it accepted and on a client: where the policy's value takes the place of
// the program's, and where it does not.
TEST_F(ResultsTest, WhatTheProgramPassesIsNotWrittenTo) {
  const auto lines = [](const std::vector<const char*>& counts) {
    std::vector<std::string> all;
    for (const char* count : counts) {
      all.insert(all.end(), {"page 0 errno 4242", "variable 0 errno 4242"});
      all.push_back(std::string("set ") + count);
    }
    all.push_back("passed 9 9");
    return all;
  };
  EXPECT_EQ(without("constant"), lines({"9", "9", "9"}));
  EXPECT_EQ(with("constant"), lines({"5", "5", "9"}));
}

TEST_F(ResultsTest, InterruptedCallsSaySo) {
  const auto expected = without("signals");
  EXPECT_EQ(expected, (std::vector<std::string>{"accept -1 errno 4", "accept4 -1 errno 4",
                                                "connect -1 errno 4"}));
  EXPECT_EQ(with("signals"), expected);
}

TEST_F(ResultsTest, WithoutADescriptorLeftNothingIsLost) {
  const Facts expected = facts_of({victim("results"), "full"}, plain_environment());
  const Facts actual = facts_of({victim("results"), "full"}, rules_.environment());
  EXPECT_EQ(expected["accept"], "-1 errno 24");
  for (const char* call : {"accept", "accept4", "socket", "later"}) {
    EXPECT_EQ(actual[call], expected[call]) << call;
  }
  EXPECT_EQ(actual["keepidle"], "61");
}

// syscall(2) and prctl(2) take as many arguments as the call in question has.
TEST_F(ResultsTest, CallsByTheirNumberAreUnchanged) {
  const Facts expected = facts_of({victim("raw_calls")}, plain_environment());
  const Facts actual = facts_of({victim("raw_calls")}, rules_.environment());
  EXPECT_EQ(expected["mapped"], "file contents");
  EXPECT_EQ(expected["cloned"], "7");
  EXPECT_EQ(actual.lines, expected.lines);
}

}  // namespace
}  // namespace sockopt::test
