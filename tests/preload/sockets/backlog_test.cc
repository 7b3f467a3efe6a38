// SPDX-License-Identifier: MIT
//
// The accept queue becomes as long as the larger of what the program and the policy ask for, the
// kernel's own bound permitting. A listener tells its limit in tcpi_sacked.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

int somaxconn() {
  int value = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> value;
  return value;
}

struct Case {
  const char* policy;
  int program;
  int effective;  // -1: as the kernel allows
};

class Backlog : public ::testing::TestWithParam<Case> {
 protected:
  int expected(int wanted) const {
    return wanted < 0 ? somaxconn() : std::min(wanted, somaxconn());
  }
};

TEST_P(Backlog, IsTheLargerOne) {
  for (const char* protocol : {"", "mptcp"}) {
    if (std::string(protocol) == "mptcp" && !has_mptcp()) continue;
    const Script script =
        "listener l " + std::to_string(GetParam().program) + " " + protocol + "; backlog l";
    // An MPTCP socket tells of its first subflow, which is the listener.
    if (std::string(protocol).empty()) {
      EXPECT_EQ(play_plainly(script).number("backlog l"), expected(GetParam().program));
    }
    const Played with = play_with({{"BACKLOG", GetParam().policy}}, script);
    EXPECT_EQ(with.number("backlog l"), expected(GetParam().effective)) << protocol;
  }
}

INSTANTIATE_TEST_SUITE_P(, Backlog,
                         ::testing::Values(Case{"1024", 5, 1024}, Case{"1024", 0, 1024},
                                           Case{"1024", 1024, 1024}, Case{"1024", 2048, 2048},
                                           Case{"1024", -1, -1}, Case{"1024", -5, -1},
                                           Case{"max", 5, -1}, Case{"max", -1, -1}, Case{"0", 5, 5},
                                           Case{"0", 0, 0}, Case{"default", 5, 5},
                                           Case{"2147483647", 5, -1}),
                         [](const auto& row) { return "case" + std::to_string(row.index); });

TEST(BacklogTest, IsRaisedAtEveryListen) {
  const Played with = play_with({{"BACKLOG", "1024"}}, "listener l; listen l 7; backlog l");
  EXPECT_EQ(with.number("backlog l"), 1024);
  const Played more = play_with({{"BACKLOG", "1024"}}, "listener l 2000; listen l 5; backlog l");
  EXPECT_EQ(more.number("backlog l"), 1024) << "the program lowered its own";
}

TEST(BacklogTest, OfAnUnboundSocketIsRaised) {
  play_with({{"BACKLOG", "1024"}}, "socket l inet; listen l 5; backlog l = 1024");
}

TEST(BacklogTest, OfAListenerAcceptedFromKeepsTheOptions) {
  play_with({{"BACKLOG", "1024"}, {"KEEPIDLE", "61s"}},
            "listener l; client c l; accept a l; listen l 9; backlog l = 1024; client d l; "
            "accept b l; get b TCP_KEEPIDLE = 61");
}

}  // namespace
}  // namespace sockopt::test
