// SPDX-License-Identifier: MIT
//
// `mptcp = on`: TCP sockets of the program are opened as MPTCP, or as TCP where that is refused.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(Mptcp, OpensTcpSocketsAndNoOthers) {
  ShimmedProgram program("mptcp = on\nkeepidle = 60s\n");
  EXPECT_TRUE(program.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 0));
  EXPECT_TRUE(program.hooks().opens_mptcp(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP));
  EXPECT_FALSE(program.hooks().opens_mptcp(AF_INET, SOCK_STREAM, kMptcp)) << "it is one already";
  EXPECT_FALSE(program.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 132)) << "SCTP";
  EXPECT_FALSE(program.hooks().opens_mptcp(AF_INET, SOCK_DGRAM, 0));
  EXPECT_FALSE(program.hooks().opens_mptcp(AF_UNIX, SOCK_STREAM, 0));
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.kernel.at(fd).protocol, kMptcp);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
}

TEST(Mptcp, IsTcpAndSaidWhereTheKernelRefuses) {
  ShimmedProgram program("mptcp = on\nuser_timeout = 30s\n");
  program.kernel.mptcp_error = ENOPROTOOPT;
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.kernel.at(fd).protocol, IPPROTO_TCP);
  EXPECT_EQ(program.kernel.option(fd, "user_timeout"), "30s");
  EXPECT_EQ(program.refused(), Calls{std::to_string(fd) + " mptcp " + std::to_string(ENOPROTOOPT)});
}

TEST(Mptcp, OffAndDefaultLeaveItToTheProgram) {
  for (const auto* settings : {"mptcp = off\n", "mptcp = default\n", "keepidle = 60s\n"}) {
    ShimmedProgram program(settings);
    EXPECT_FALSE(program.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 0)) << settings;
  }
}

TEST(Mptcp, ARuleForTheProgramDecides) {
  ShimmedProgram off("[sockopt]\nmptcp = on\n[rule a]\nprogram = server\nmptcp = off\n");
  EXPECT_FALSE(off.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 0));
  ShimmedProgram other("[rule a]\nprogram = another\nmptcp = on\n");
  EXPECT_FALSE(other.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 0));
  ShimmedProgram on("[rule a]\nprogram = server\nmptcp = on\n");
  EXPECT_TRUE(on.hooks().opens_mptcp(AF_INET, SOCK_STREAM, 0));
}

}  // namespace
}  // namespace sockopt::test
