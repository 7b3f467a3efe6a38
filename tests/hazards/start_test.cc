// SPDX-License-Identifier: MIT
//
// Programs that change themselves after they have started, as daemons do, and programs that have
// little of everything when they start.
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

// A fault in it, too: there is something to be said at the first socket.
const Environment kStartSettings = {{"KEEPIDLE", "61s"}, {"NONSENSE", "1"}, {"LOG", "debug"}};

class DaemonizedTest : public ::testing::Test {
 protected:
  Facts daemonized(const Environment& environment, bool chrooted) const {
    std::vector<std::string> argv = {victim("daemon"), directory_ / "facts"};
    std::filesystem::remove(directory_ / "facts");
    if (chrooted) argv.push_back(root_.path());
    Facts facts = facts_of(argv, environment);
    std::istringstream stream(read_file(directory_ / "facts"));
    for (std::string line; std::getline(stream, line);) facts.lines.push_back(line);
    return facts;
  }
  TemporaryDirectory directory_;
  TemporaryDirectory root_;
};

// Standard input, output and error are sockets by then, and the number 2 is a client's connection.
TEST_F(DaemonizedTest, EveryDescriptorClosedAndTheEnvironmentGone) {
  const Facts without = daemonized(plain_environment(), false);
  ASSERT_EQ(without["accepted"], "2");
  const Facts with = daemonized(variables(kStartSettings), false);
  for (const char* fact : {"listener", "client", "accepted", "received", "own", "descriptors"}) {
    EXPECT_EQ(with[fact], without[fact]) << fact;
  }
  EXPECT_EQ(with["received"], "-1") << "something was written into the connection";
  for (const char* fact : {"listener-keepidle", "accepted-keepidle", "connected-keepidle"}) {
    EXPECT_EQ(with[fact], "61") << fact;
  }
  EXPECT_EQ(with.error(), "");
}

TEST_F(DaemonizedTest, InAnotherRootAsAnotherUser) {
  SOCKOPT_NEEDS_ROOT("to be other users");
  const Facts without = daemonized(plain_environment(), true);
  const Facts with = daemonized(variables(kStartSettings), true);
  EXPECT_EQ(with["descriptors"], without["descriptors"]);
  EXPECT_EQ(with["accepted-keepidle"], "61");
  EXPECT_EQ(with["connected-keepidle"], "61");
}

// Under a limit, as by prlimit(1).
Facts limited(const std::string& limit, const Environment& environment, bool lock = false) {
  std::vector<std::string> argv = {"prlimit", limit, victim("memory")};
  if (lock) argv.push_back("lock");
  return facts_of(argv, environment);
}

// What is remembered of descriptors grows with how many there can be.
constexpr char kDescriptors[] = "--nofile=16384";

TEST(MemoryTest, ItTakesLittleAddressSpace) {
  const Facts without = limited(kDescriptors, plain_environment());
  const Facts with = limited(kDescriptors, variables({{"KEEPIDLE", "61s"}}));
  EXPECT_EQ(with["keepidle"], "61");
  EXPECT_LT(with.number("address-space") - without.number("address-space"), 2048) << "KiB";
  EXPECT_LT(with.number("resident") - without.number("resident"), 512) << "KiB";
}

TEST(MemoryTest, LittleOfItIsLockedInMemory) {
  const Facts without = limited(kDescriptors, plain_environment(), true);
  if (without["locked"] != "0") GTEST_SKIP() << "RLIMIT_MEMLOCK does not let a process be locked";
  const Facts with = limited(kDescriptors, variables({{"KEEPIDLE", "61s"}}), true);
  EXPECT_EQ(with["keepidle"], "61");
  EXPECT_LT(with.number("resident") - without.number("resident"), 2048) << "KiB";
}

// From just enough for the program alone upwards: it always runs, and if it runs without its
// options, that is said.
TEST(MemoryTest, WhereThereIsNoneTheProgramRunsAndItIsSaid) {
  constexpr long kStep = 64;  // KiB; four times that is taken by mapping any library of this size
  const long needed = facts_of({victim("memory")}, plain_environment()).number("address-space");
  // A small policy needs no more than comes with the library.
  const std::string least = "--as=" + std::to_string((needed + 4 * kStep) * 1024);
  EXPECT_EQ(limited(least, variables({{"KEEPIDLE", "61s"}}))["keepidle"], "61");

  std::string text = "[sockopt]\nkeepidle = 61s\n";
  for (int i = 0; i < 100; ++i) {
    text += "[rule r" + std::to_string(i) + "]\nconnect = 192.0.2.1\nkeepcnt = 9\n";
  }
  const RuleFile rules(text);
  int said = 0;
  int given = 0;
  for (long more = 4 * kStep; more < 64 * kStep && given < 3; more += kStep) {
    const std::string limit = "--as=" + std::to_string((needed + more) * 1024);
    const Facts facts = limited(limit, rules.environment());
    if (facts["keepidle"] == "61") {
      ++given;
    } else {
      EXPECT_NE(facts.error(), "") << "neither options nor a word, with " << more << " KiB more";
      if (facts.error().find("sockopt[") != std::string::npos) ++said;
    }
  }
  EXPECT_GT(given, 0) << "no limit left it enough";
  EXPECT_GT(said, 0) << "no limit was just too low for it";
}

TEST(MemoryTest, ASmallStackIsEnough) {
  EXPECT_EQ(limited("--stack=131072", variables(kStartSettings))["keepidle"], "61");
}

// Where it does not fit into the memory that nearly every one fits into.
TEST(MemoryTest, ALargePolicyHoldsToItsLastLine) {
  std::string text = "[sockopt]\nkeepcnt = 5\n";
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    text += "[rule r" + number + "]\nconnect = 192.0.2." + number +
            "/32:1, 198.51.100.1:" + number + "\nkeepidle = 30s\nkeepcnt = 9\nlinger2 = 5s\n";
  }
  // No address ends in 256 and more.
  text = text.substr(0, text.find("[rule r256]")) +
         "[rule last]\nlisten = 127.0.0.1\nprogram = act*\nkeepidle = 61s\n";
  const RuleFile rules(text);
  rules.play("listener l; client c l; accept a l; get a TCP_KEEPIDLE = 61; get a TCP_KEEPCNT = 5");
}

// The loader would bind to the program's functions what we call by libc's names.
TEST(NamesakesTest, AProgramsOwnFunctionsAreNotCalled) {
  const RuleFile rules(
      "[sockopt]\nkeepidle = 61s\n[rule server]\nlisten = 127.0.0.1\n"
      "keepcnt = 5\nbacklog = 1024\n");
  for (Environment environment :
       {variables({}), variables({{"KEEPIDLE", "61s"}}), rules.environment()}) {
    environment["SOCKOPT_LOG"] = "debug";
    const Facts facts = facts_of({victim("namesakes")}, environment);
    EXPECT_EQ(facts["calls"], "0");
  }
  EXPECT_EQ(facts_of({victim("namesakes")}, rules.environment())["keepidle"], "61");
}

}  // namespace
}  // namespace sockopt::test
