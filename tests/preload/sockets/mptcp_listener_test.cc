// SPDX-License-Identifier: MIT
//
// An MPTCP listener serves MPTCP and plain TCP clients. The latter's sockets are TCP and lack what
// MPTCP refuses or does not hand on: for those options, and for no others, accept has work to do.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

const Environment kMptcpSettings = {
    {"KEEPIDLE", "61s"}, {"NODELAY", "on"}, {"USER_TIMEOUT", "30s"}, {"NOTSENT_LOWAT", "48K"},
    {"TTL", "33"},       {"TOS", "af21"},   {"BACKLOG", "1024"}};

class MptcpTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { SOCKOPT_NEEDS_MPTCP(); }
  Script listener() const { return std::string("listener l mptcp ") + GetParam(); }
};

TEST_P(MptcpTest, APlainClientsSocketGetsWhatTheListenerCannotHandOn) {
  const Played with = play_with(
      kMptcpSettings, listener() +
                          "client c l; accept a l; get a SO_PROTOCOL = 6; get a TCP_KEEPIDLE = 61; "
                          "get a TCP_NODELAY = 1; get a TCP_USER_TIMEOUT = 30000; "
                          "get a TCP_NOTSENT_LOWAT = 49152; get a IP_TTL = 33; get a IP_TOS = 72; "
                          "get a IPV6_TCLASS; get a IPV6_UNICAST_HOPS");
  if (std::string(GetParam()) == "inet6") {
    EXPECT_EQ(with.number("get a IPV6_TCLASS"), 0x48);
    EXPECT_EQ(with.number("get a IPV6_UNICAST_HOPS"), 33);
  }
  EXPECT_EQ(occurrences(with.error(), "user_timeout = "), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "\n"), 2) << "once for each that MPTCP refuses";
}

TEST_P(MptcpTest, AnMptcpClientsSocketGetsWhatMptcpTakes) {
  play_with(kMptcpSettings, listener() +
                                "client c l mptcp; accept4 a l cloexec; get a SO_PROTOCOL = 262; "
                                "get a TCP_KEEPIDLE = 61; get a TCP_NODELAY = 1; "
                                "get a TCP_NOTSENT_LOWAT = 49152");
}

TEST_P(MptcpTest, TheCallsAreTheSameAsWithout) {
  const Script script = listener() + Script{"client c l",
                                            "accept a l",
                                            "client d l mptcp",
                                            "accept4 b l cloexec",
                                            "socket s " + std::string(GetParam()) + " stream mptcp",
                                            "connect s l",
                                            "set a TCP_KEEPIDLE 30",
                                            "set b TCP_KEEPIDLE 30",
                                            "open-descriptors"};
  EXPECT_EQ(play_with(kMptcpSettings, script).lines, play_plainly(script).lines);
}

TEST_P(MptcpTest, OnlyWhatIsMissingIsSetAtAccept) {
  SOCKOPT_NEEDS_STRACE();
  const Traced with =
      trace(listener() + "mark; client c l; accept a l; mark", variables(kMptcpSettings));
  for (const std::string& call : with.calls) {
    EXPECT_EQ(call.find("KEEPIDLE"), call.npos) << call;
    EXPECT_EQ(call.find("NODELAY"), call.npos) << call;
  }
  EXPECT_EQ(
      std::count_if(with.calls.begin(), with.calls.end(),
                    [](const std::string& call) { return call.find("USER_TIMEOUT") != call.npos; }),
      1);
}

INSTANTIATE_TEST_SUITE_P(, MptcpTest, ::testing::Values("inet", "inet6"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace sockopt::test
