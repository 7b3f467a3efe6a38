// SPDX-License-Identifier: MIT
//
// A thread may be cancelled at any moment; the call that it is in then comes back first, if the
// kernel has done what was asked, because otherwise nobody would know the new descriptor.
// Cancellation while accept blocks is in tests/preload/neighbours/chain_test.cc.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/facts.h"
#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

// Work before and after each call, that is refused in part and talked about.
const Environment kBusy = {{"KEEPIDLE", "61s"},        {"PRIORITY", "4"}, {"QUICKACK", "on"},
                           {"CONGESTION", "nosuch"},   {"LOG", "debug"},  {"BACKLOG", "1024"},
                           {"FASTOPEN_CONNECT", "off"}};

TEST(CancellationTest, NoDescriptorIsLostToWorkAfterACall) {
  const Facts facts = facts_of({victim("cancelled_at_work")},
                               preloading({library(), victim("libcancelling.so")}, kBusy));
  for (const char* call : {"socket", "accept", "accept4"}) {
    EXPECT_EQ(facts[call], "returned cancelled") << call;
  }
  // These have work before the call as well, and then connect is the cancellation point it is.
  EXPECT_EQ(facts["listen"], "returned cancelled");
  EXPECT_EQ(std::count(facts.lines.begin(), facts.lines.end(), "leaked 0"), 4);
}

TEST(CancellationTest, OfAThreadThatBlocksInConnect) {
  const std::vector<std::string> argv = {victim("cancelled_at_work"), "connect"};
  EXPECT_EQ(facts_of(argv, plain_environment())["blocked"], "cancelled");
  EXPECT_EQ(facts_of(argv, variables(kBusy))["blocked"], "cancelled");
}

}  // namespace
}  // namespace sockopt::test
