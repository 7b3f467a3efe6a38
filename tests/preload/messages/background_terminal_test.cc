// SPDX-License-Identifier: MIT
//
// A lot to say, and nowhere to say it.
#include <gtest/gtest.h>

#include "tests/support/facts.h"

namespace sockopt::test {
namespace {

TEST(ChatterTest, AMegabyteOfItNeverReachesAConnection) {
  Environment settings = {{"KEEPALIVE", "on"}, {"KEEPIDLE", "61s"}, {"KEEPINTVL", "11s"},
                          {"KEEPCNT", "5"},    {"NODELAY", "on"},   {"USER_TIMEOUT", "30s"},
                          {"LINGER", "5s"},    {"TTL", "33"},       {"TOS", "0x10"},
                          {"LOG", "debug"}};
  const Facts facts = facts_of({victim("chatter"), "2500"}, variables(settings));
  EXPECT_GT(facts.number("said"), 1'000'000);
  EXPECT_EQ(facts.number("connection"), 2);
  EXPECT_EQ(facts.number("received"), -1);
}

// Whoever writes to the terminal from the background is stopped, if the terminal is set so.
TEST(BackgroundTest, DoesNotStopTheProgram) {
  EXPECT_EQ(facts_of({victim("background"), "write"}, plain_environment())["worker"], "stopped")
      << "the occasion was not there";
  const Facts facts =
      facts_of({victim("background")}, variables({{"KEEPIDLE", "61s"}, {"LOG", "debug"}}));
  EXPECT_EQ(facts["worker"], "ended 0");
  EXPECT_EQ(facts["keepidle"], "61");
  EXPECT_EQ(facts["terminal"], "1") << "nothing was said";
}

// Ctrl-S.
TEST(BackgroundTest, DoesNotWaitForATerminalThatIsHeld) {
  const Facts facts =
      facts_of({victim("background"), "held"}, variables({{"KEEPIDLE", "61s"}, {"LOG", "debug"}}));
  EXPECT_EQ(facts["worker"], "ended 0");
  EXPECT_EQ(facts["keepidle"], "61");
  EXPECT_EQ(facts["terminal"], "0") << "it was not held";
}

}  // namespace
}  // namespace sockopt::test
