// SPDX-License-Identifier: MIT
//
// Where a fault is, in the form that editors understand: source:line:column.
#include "shim/config/fault.h"

#include <gtest/gtest.h>

#include <string>

namespace sockopt::test {
namespace {

std::string described(const Fault& fault) {
  TextOf<200> text;
  describe_fault(fault, text);
  return std::string(text.view());
}

TEST(DescribeFault, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(described({"sockopt.ini", 7, 12, 3, "wrong"}), "sockopt.ini:7:12: wrong");
  EXPECT_EQ(described({"sockopt.ini", 7, 0, 0, "wrong"}), "sockopt.ini:7: wrong");
  EXPECT_EQ(described({"environment", 0, 0, 0, "wrong"}), "environment: wrong");
}

TEST(DescribeFault, EscapesThePath) {
  EXPECT_EQ(described({"/tmp/\x1b[2J\n", 1, 0, 0, "wrong"}), "/tmp/\\x1b[2J\\x0a:1: wrong");
}

TEST(FaultSink, ShowsWhatIsReceivedUnlessItSaysOtherwise) {
  const auto take = [](void*, const Fault&) {};
  EXPECT_FALSE(FaultSink{}.is_shown());
  EXPECT_TRUE(FaultSink({take}).is_shown());
  EXPECT_FALSE(FaultSink({take, nullptr, [](void*) { return false; }}).is_shown());
}

TEST(FaultSink, WithoutAReceiverIsSilent) { FaultSink{}({"source", 1, 1, 1, "nobody hears"}); }

}  // namespace
}  // namespace sockopt::test
