// SPDX-License-Identifier: MIT
//
// Threads, children and signals: what is remembered of descriptors is written to by all of them at
// once, without a lock. A setting must neither be lost nor made twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

const Environment kThreadsSettings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}};

// libcounting.so stands behind the library and sees every setsockopt, its and the program's.
long counted_settings(const Facts& facts) {
  const std::string told = facts["counted"];
  const auto at = told.rfind(' ');
  return at == std::string::npos ? -1 : std::strtol(told.c_str() + at, nullptr, 10);
}

Facts storm(const Environment& settings) {
  const Facts facts = facts_of({victim("storm"), "64", "30"},
                               preloading({library(), victim("libcounting.so")}, settings));
  EXPECT_EQ(facts.number("failures"), 0);
  EXPECT_EQ(facts.number("lacking"), 0);
  EXPECT_EQ(facts.number("strangers-touched"), 0);
  EXPECT_EQ(facts.number("own-lost"), 0);
  EXPECT_EQ(facts.number("descriptors"), 4) << "its listener and the three";
  EXPECT_EQ(facts.error(), "");
  return facts;
}

TEST(StormTest, EverySocketIsSetOnce) {
  const Facts facts = storm(kThreadsSettings);
  EXPECT_GT(facts.number("accepted"), 1900);
  EXPECT_EQ(counted_settings(facts), facts.number("sockets") + facts.number("own-settings"));
}

TEST(StormTest, EveryAcceptedSocketIsSetOnceWhereItHasToBe) {
  Environment settings = kThreadsSettings;
  settings["PRIORITY"] = "4";  // is not inherited
  const Facts facts = storm(settings);
  EXPECT_EQ(counted_settings(facts),
            2 * facts.number("sockets") + facts.number("own-settings") + facts.number("accepted"));
}

// Everything at work: rules with addresses that are enforced, refusals, messages. The library that
// LD_PRELOAD names is not there; the name is what makes the library heed the variables.
TEST(StormTest, HasNoDataRace) {
  if (!std::filesystem::exists(victim("storm_with_shim"))) {
    GTEST_SKIP() << "the compiler has no thread sanitizer";
  }
  const RuleFile rules(
      "[rule servers]\nlisten = 127.0.0.1\nkeepcnt = 5\nkeepidle = 61s\nenforce = yes\n"
      "[rule clients]\nconnect = 127.0.0.1\nkeepcnt = 6\n");
  Environment environment = rules.environment({{"KEEPINTVL", "11s"},
                                               {"PRIORITY", "4"},
                                               {"QUICKACK", "on"},
                                               {"CONGESTION", "nosuch"},
                                               {"NONSENSE", "1"},
                                               {"LOG", "debug"}});
  environment["LD_PRELOAD"] = "/nonexistent/libsockopt.so";
  // A race is reported on standard error, and makes it exit with 66.
  const Facts facts = facts_of({victim("storm_with_shim"), "64", "10"}, environment);
  EXPECT_EQ(facts.number("failures"), 0);
  EXPECT_NE(facts.error().find("keepintvl = 11s"), std::string::npos)
      << "the library was not at work";
  EXPECT_EQ(facts.error().find("ThreadSanitizer"), std::string::npos) << facts.error();
}

// An accept may block for ever. Where each connection needs something, too, and where the listener
// is adopted, the call lies between two pieces of work.
TEST(BlockedThreadsTest, HoldNobodyUp) {
  Environment settings = kThreadsSettings;
  for (const char* priority : {"", "4"}) {
    settings["PRIORITY"] = priority;
    const Facts facts = facts_of({victim("blocked")}, variables(settings));
    for (const char* fact : {"served", "child", "accept", "accept4"}) {
      EXPECT_EQ(facts[fact], "61") << fact << " with priority = " << priority;
    }
  }
}

TEST(ChildrenTest, AForkedChildOfAThreadedProgramServes) {
  const Facts facts = facts_of({victim("children"), "fork"}, variables(kThreadsSettings));
  EXPECT_EQ(facts.number("good"), facts.number("children"));
}

// Without the library nothing is 61 and the program's own 30 stands: so it is with it.
class SharedMemory : public ::testing::TestWithParam<const char*> {};

TEST_P(SharedMemory, AChildsDescriptorsAreNotItsParents) {
  const Facts facts = facts_of({victim("children"), GetParam()}, variables(kThreadsSettings));
  EXPECT_EQ(facts["child"], "0");
  EXPECT_EQ(std::count(facts.lines.begin(), facts.lines.end(), "accepted 61"), 3);
  EXPECT_EQ(facts["connect"], "0");
  EXPECT_EQ(facts["listen"], "0");
  EXPECT_EQ(facts["fresh"], "61");
  EXPECT_EQ(facts["own"], "30");
}

INSTANTIATE_TEST_SUITE_P(, SharedMemory, ::testing::Values("vfork", "clone"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(ChildrenTest, ASpawnedProgramHasTheOptionsAndTheListener) {
  const Facts facts = facts_of({victim("children"), "spawn"}, variables(kThreadsSettings));
  EXPECT_EQ(facts["spawn"], "0");
  EXPECT_EQ(facts["child"], "0");
  EXPECT_EQ(facts["accepted"], "61");
}

// The same without chance: in the middle of each piece of work that there is.
TEST(InterruptedTest, ByAHandlerAndByAForkThatDoTheSame) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 61s\npriority = 4\nquickack = on\nlog = debug\n"
      "[rule servers]\nlisten = 127.0.0.1\nreuseaddr = on\nbacklog = 1024\nkeepcnt = 5\n"
      "[rule clients]\nconnect = 127.0.0.1\nkeepcnt = 6\n");
  Environment environment = rules.environment();
  environment["LD_PRELOAD"] += ":" + victim("libinterrupting.so").string();
  const Facts facts = facts_of({victim("interrupted")}, environment);
  for (const char* call : {"socket", "bind", "listen", "connect", "accept"}) {
    EXPECT_GT(facts.number(call), 0) << call << ": there was no work in it";
  }
  EXPECT_EQ(facts["handled"], facts["times"]);
  EXPECT_EQ(facts["children"], facts["times"]);
}

// Not even while it starts and reads its configuration, faults and all.
TEST(AllocationTest, NothingIsAllocated) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 61s\npriority = 4\ncongestion = nosuch\nnonsense = 1\nlog = debug\n"
      "[rule servers]\nprogram = *\nlisten = 127.0.0.1\nkeepcnt = 5\nenforce = yes\n");
  Environment environment = rules.environment({{"NONSENSE", "1"}, {"KEEPINTVL", "11s"}});
  environment["LD_PRELOAD"] += ":" + victim("libwatching.so").string();
  const Facts facts = facts_of({victim("frugal")}, environment);
  EXPECT_EQ(facts["watched"], "yes");
  EXPECT_EQ(facts["calls"], "0");
  EXPECT_EQ(facts["accepted"], "61 61");
}

TEST(SignalsTest, AHandlerMayDoSocketWork) {
  const Facts facts = facts_of({victim("signals")}, variables({{"KEEPIDLE", "99s"},
                                                               {"KEEPCNT", "5"},
                                                               {"PRIORITY", "4"},
                                                               {"CONGESTION", "nosuch"},
                                                               {"LOG", "debug"}}));
  EXPECT_GE(facts.number("runs"), 12);
  EXPECT_EQ(facts.number("lacking"), 0);
  EXPECT_EQ(facts.number("failures"), 0);
  EXPECT_EQ(facts.number("errno-changed"), 0);
  EXPECT_GT(occurrences(facts.error(), "keepcnt = 5"), 40) << "it spoke from within the handler";
}

// A handler's stack is often the 8 KiB of SIGSTKSZ and more, of which the kernel takes a good part.
TEST(SignalsTest, NeedsLittleOfAHandlersStack) {
  const Facts without = facts_of({victim("signals"), "once"}, plain_environment());
  const Facts with =
      facts_of({victim("signals"), "once"}, variables({{"KEEPCNT", "5"}, {"LOG", "debug"}}));
  EXPECT_LT(with.number("stack") - without.number("stack"), 2867) << "2.8 KiB";
}

}  // namespace
}  // namespace sockopt::test
