// SPDX-License-Identifier: MIT
//
// `mptcp = on`: the program asks for TCP sockets and gets MPTCP ones, and sees nothing of it in the
// results of its calls.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

class OpenedAsMptcp : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_MPTCP(); }
  std::string family() const { return GetParam(); }
};

TEST_P(OpenedAsMptcp, TcpSocketsAndNoOthers) {
  const Played with =
      play_with({{"MPTCP", "on"}, {"KEEPIDLE", "61s"}},
                {"socket a " + family() + " stream", "get a SO_PROTOCOL", "get a TCP_KEEPIDLE",
                 "socket b " + family() + " stream|nonblock|cloexec tcp", "get b SO_PROTOCOL",
                 "flags b", "socket u " + family() + " dgram", "get u SO_PROTOCOL", "socket x unix",
                 "get x SO_PROTOCOL"});
  EXPECT_EQ(with.number("get a SO_PROTOCOL"), 262);
  EXPECT_EQ(with.number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(with.number("get b SO_PROTOCOL"), 262);
  EXPECT_EQ(with.result("flags b"), "nonblock cloexec");
  EXPECT_EQ(with.number("get u SO_PROTOCOL"), 17);
  EXPECT_EQ(with.number("get x SO_PROTOCOL"), 0);
  EXPECT_EQ(with.error(), "");
}

TEST_P(OpenedAsMptcp, TheCallsAreTheSameAsWithout) {
  const Script script = Script("listener l 5" + std::string(family() == "inet6" ? " inet6" : "")) +
                        Script{"client c l",
                               "accept a l",
                               "client d l mptcp",
                               "accept4 b l cloexec",
                               "socket s " + family() + " stream tcp",
                               "connect s l",
                               "accept e l",
                               "set s TCP_KEEPIDLE 30",
                               "get s TCP_KEEPIDLE",
                               "socket z " + family() + " none",
                               "socket z none stream",
                               "open-descriptors"};
  EXPECT_EQ(play_with({{"MPTCP", "on"}}, script).lines, play_plainly(script).lines);
}

INSTANTIATE_TEST_SUITE_P(, OpenedAsMptcp, ::testing::Values("inet", "inet6"),
                         [](const auto& row) { return std::string(row.param); });

// The number of the sockets is that of the program's calls, said once for the tree.
TEST(OpenedAsMptcpTest, TcpWhereItIsSwitchedOff) {
  SOCKOPT_NEEDS_ROOT("writes a sysctl of a namespace");
  SOCKOPT_NEEDS_NAMESPACES("--net");
  SOCKOPT_NEEDS_MPTCP();
  const Script script = {"socket a inet",          "get a SO_PROTOCOL",
                         "get a TCP_USER_TIMEOUT", "socket b inet6 stream tcp",
                         "get b SO_PROTOCOL",      "socket z inet none",
                         "open-descriptors"};
  Command command = actor(script, variables({{"MPTCP", "on"}, {"USER_TIMEOUT", "30s"}}));
  const std::vector<std::string> outer = {
      "unshare", "--net", "sh", "-c", "echo 0 >/proc/sys/net/mptcp/enabled && exec \"$@\"", "sh"};
  command.argv.insert(command.argv.begin(), outer.begin(), outer.end());
  const Played with = play(std::move(command));
  EXPECT_EQ(with.result("socket a inet"), "3");
  EXPECT_EQ(with.number("get a SO_PROTOCOL"), 6);
  EXPECT_EQ(with.number("get a TCP_USER_TIMEOUT"), 30000);
  EXPECT_EQ(with.result("socket b inet6 stream tcp"), "4");
  EXPECT_EQ(with.number("get b SO_PROTOCOL"), 6);
  EXPECT_EQ(with.result("open-descriptors"), "0 1 2 3 4");
  EXPECT_EQ(occurrences(with.error(),
                        "mptcp = on (SOCKOPT_MPTCP) was not set: net.mptcp.enabled is 0; the "
                        "program's sockets are TCP\n"),
            1)
      << with.error();
}

}  // namespace
}  // namespace sockopt::test
