// SPDX-License-Identifier: MIT
//
// `ignore`: the program's own call succeeds and is not made, on TCP sockets and nowhere else; what
// the kernel would refuse in any case it is still asked for.
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(Ignore, TheProgramsCallIsNotMadeAndSucceeds) {
  ShimmedProgram program("rcvbuf = ignore\nkeepidle = 60s\n");
  const int fd = program.socket(AF_INET);
  program.calls();
  EXPECT_EQ(program.setsockopt(fd, "rcvbuf", "64K"), 0);
  EXPECT_EQ(program.setsockopt(fd, "rcvbufforce", "64K"), 0) << "the same buffer";
  EXPECT_EQ(program.kernel.option(fd, "rcvbuf"), "-");
  EXPECT_EQ(program.kernel.option(fd, "rcvbufforce"), "-");
  EXPECT_EQ(program.setsockopt(fd, "sndbuf", "64K"), 0);
  EXPECT_EQ(program.kernel.option(fd, "sndbuf"), "64K") << "of this nothing is said";
}

TEST(Ignore, EveryOptionCanBe) {
  for (const Row& row : kRows) {
    if (!row.option.is_socket_option()) continue;
    const std::string key(row.option.key.view());
    ShimmedProgram program(key + " = ignore\n");
    const int fd = program.socket(AF_INET6);
    EXPECT_EQ(program.setsockopt(fd, key, row.manual.example), 0) << key;
    EXPECT_EQ(program.kernel.option(fd, key), "-") << key;
  }
  ShimmedProgram program("raw.1.18 = ignore\n");
  const int fd = program.socket(AF_INET);
  const int value = 5;
  EXPECT_EQ(program.setsockopt(fd, {SOL_SOCKET, SO_RCVLOWAT}, &value, sizeof value), 0);
  EXPECT_TRUE(program.kernel.at(fd).options.empty());
}

TEST(Ignore, IsForTcpSocketsOnly) {
  ShimmedProgram program("rcvbuf = ignore\n");
  const int udp = program.socket(AF_INET, IPPROTO_UDP, SOCK_DGRAM);
  EXPECT_EQ(program.setsockopt(udp, "rcvbuf", "64K"), 0);
  EXPECT_EQ(program.kernel.option(udp, "rcvbuf"), "64K");
  const int unseen = program.kernel.open(AF_UNIX, 0);
  EXPECT_EQ(program.setsockopt(unseen, "rcvbuf", "64K"), 0);
  EXPECT_EQ(program.kernel.option(unseen, "rcvbuf"), "64K");
  const int moved = program.socket(AF_INET);
  program.kernel.close(moved);
  ASSERT_EQ(program.kernel.open(AF_INET, IPPROTO_UDP, SOCK_DGRAM), moved);
  EXPECT_EQ(program.setsockopt(moved, "rcvbuf", "64K"), 0);
  EXPECT_EQ(program.kernel.option(moved, "rcvbuf"), "64K");
  const int inherited = program.kernel.open(AF_INET, IPPROTO_TCP);
  EXPECT_EQ(program.setsockopt(inherited, "rcvbuf", "64K"), 0);
  EXPECT_EQ(program.kernel.option(inherited, "rcvbuf"), "-") << "TCP, though it was never seen";
}

TEST(Ignore, WhatTheKernelCallsAFaultGoesToIt) {
  ShimmedProgram program(
      "rcvbuf = ignore\nlinger = ignore\nrcvtimeo = ignore\nttl = ignore\ncongestion = ignore\n"
      "user_timeout = ignore\n");
  const int fd = program.socket(AF_INET);
  const int value[4] = {};
  const auto made = [&](int on, KernelName name, const void* data, socklen_t length) {
    KernelName instead;
    return program.hooks().before_setsockopt(on, name.level, name.name, data, length, instead) ==
           nullptr;
  };
  constexpr KernelName kRcvbuf = {SOL_SOCKET, SO_RCVBUF};
  EXPECT_TRUE(made(fd, kRcvbuf, nullptr, 4));
  EXPECT_TRUE(made(fd, kRcvbuf, reinterpret_cast<const void*>(8), 4));
  EXPECT_TRUE(made(fd, kRcvbuf, value, 3));
  EXPECT_TRUE(made(fd, kRcvbuf, value, 0));
  EXPECT_TRUE(made(fd, kRcvbuf, value, static_cast<socklen_t>(-1)));
  EXPECT_TRUE(made(fd + 1, kRcvbuf, value, 4)) << "no such descriptor";
  EXPECT_FALSE(made(fd, kRcvbuf, value, 4));
  EXPECT_FALSE(made(fd, kRcvbuf, value, 400));
  EXPECT_TRUE(made(fd, {SOL_SOCKET, SO_LINGER}, value, 7));
  EXPECT_FALSE(made(fd, {SOL_SOCKET, SO_LINGER}, value, 8));
  EXPECT_TRUE(made(fd, {SOL_SOCKET, 20}, value, sizeof(KernelTimeval) - 1));
  EXPECT_FALSE(made(fd, {SOL_SOCKET, 20}, value, sizeof(KernelTimeval)));
  EXPECT_FALSE(made(fd, {IPPROTO_IP, IP_TTL}, value, 1)) << "IP takes a byte";
  EXPECT_TRUE(made(fd, {IPPROTO_IP, IP_TTL}, nullptr, 0));
  EXPECT_TRUE(made(fd, {IPPROTO_IPV6, IPV6_UNICAST_HOPS}, value, 4)) << "of the other family";
  EXPECT_TRUE(made(fd, {IPPROTO_TCP, TCP_CONGESTION}, value, 0));
  EXPECT_FALSE(made(fd, {IPPROTO_TCP, TCP_CONGESTION}, "bbr", 3));
  const int mptcp = program.socket(AF_INET, kMptcp);
  EXPECT_TRUE(made(mptcp, {IPPROTO_TCP, TCP_USER_TIMEOUT}, value, 4)) << "MPTCP refuses it";
}

TEST(Ignore, ALaterSettingHolds) {
  ShimmedProgram cancelled(
      "[sockopt]\nrcvbuf = ignore\n[rule all]\nprogram = *\nrcvbuf = default\n");
  const int fd = cancelled.socket(AF_INET);
  cancelled.setsockopt(fd, "rcvbuf", "64K");
  EXPECT_EQ(cancelled.kernel.option(fd, "rcvbuf"), "64K");
}

TEST(Ignore, IgnoredAfterAllHoldsToo) {
  ShimmedProgram program("[sockopt]\nnodelay = on\n[rule all]\nprogram = *\nnodelay = ignore\n");
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.kernel.option(fd, "nodelay"), "-");
  program.setsockopt(fd, "nodelay", "on");
  EXPECT_EQ(program.kernel.option(fd, "nodelay"), "-");
}

TEST(Ignore, OfARuleHoldsOnceItsAddressIsKnown) {
  ShimmedProgram program("[rule web]\nlisten = 80\nnodelay = ignore\n");
  const int listener = program.socket(AF_INET);
  program.bind(listener, "0.0.0.0:80");
  program.listen(listener);
  const int accepted = program.serve(listener);
  EXPECT_EQ(program.setsockopt(accepted, "nodelay", "on"), 0);
  EXPECT_EQ(program.kernel.option(accepted, "nodelay"), "-");
  const int client = program.socket(AF_INET);
  program.connect(client, "192.0.2.1:80");
  program.setsockopt(client, "nodelay", "on");
  EXPECT_EQ(program.kernel.option(client, "nodelay"), "on");
}

// A call that was made cannot be taken back: what [sockopt] says is not left to wait for a rule.
TEST(Ignore, OfTheBaseDoesNotWaitForARule) {
  ShimmedProgram program("[sockopt]\nrcvbuf = ignore\n[rule db]\nconnect = 5432\nrcvbuf = 1M\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "rcvbuf", "64K");
  EXPECT_EQ(program.kernel.option(fd, "rcvbuf"), "-");
  program.connect(fd, "192.0.2.1:5432");
  EXPECT_EQ(program.kernel.option(fd, "rcvbuf"), "1M");
}

}  // namespace
}  // namespace sockopt::test
