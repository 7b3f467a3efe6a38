// SPDX-License-Identifier: MIT
//
// Which sockets are ours: decided by family, type and protocol, never by what happens to succeed.
#include "shim/sockets/socket_kind.h"

#include <gtest/gtest.h>

#include "tests/unit/sockets/fake_kernel.h"

namespace sockopt::test {
namespace {

constexpr SocketKind kTcp4 = {Protocol::kTcp, false};
constexpr SocketKind kTcp6 = {Protocol::kTcp, true};
constexpr SocketKind kOther = {Protocol::kOther, false};

TEST(KindOf, TcpOfBothFamiliesWhateverTheFlags) {
  for (const int flags : {0, SOCK_CLOEXEC + 0, SOCK_NONBLOCK + 0, SOCK_CLOEXEC | SOCK_NONBLOCK}) {
    for (const int protocol : {0, IPPROTO_TCP + 0}) {
      EXPECT_EQ(kind_of(AF_INET, SOCK_STREAM | flags, protocol), kTcp4);
      EXPECT_EQ(kind_of(AF_INET6, SOCK_STREAM | flags, protocol), kTcp6);
    }
    EXPECT_EQ(kind_of(AF_INET6, SOCK_STREAM | flags, kMptcp), (SocketKind{Protocol::kMptcp, true}));
  }
}

TEST(KindOf, NothingElse) {
  for (const int domain : {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_BLUETOOTH, AF_UNSPEC}) {
    EXPECT_EQ(kind_of(domain, SOCK_STREAM, 0), kOther) << domain;
  }
  for (const int type : {2, 3, 4, 5, 6, 10, 0}) {
    EXPECT_EQ(kind_of(AF_INET, type, 0), kOther) << type;
    EXPECT_EQ(kind_of(AF_INET6, type | SOCK_CLOEXEC, IPPROTO_TCP), kOther) << type;
  }
  for (const int protocol : {IPPROTO_SCTP + 0, IPPROTO_UDP + 0, 261, 263, -1}) {
    EXPECT_FALSE(kind_of(AF_INET, SOCK_STREAM, protocol).is_ours()) << protocol;
  }
}

TEST(Identify, AsksTheKernel) {
  FakeKernel kernel;
  const int tcp = kernel.open(AF_INET, IPPROTO_TCP);
  const int tcp6 = kernel.open(AF_INET6, IPPROTO_TCP);
  const int mptcp = kernel.open(AF_INET6, kMptcp);
  const int local = kernel.open(AF_UNIX, 0);
  const int udp = kernel.open(AF_INET, IPPROTO_UDP);
  const int file = kernel.open(AF_UNSPEC, 0);
  EXPECT_EQ(identify(tcp, FakeKernel::ops()), kTcp4);
  EXPECT_EQ(identify(tcp6, FakeKernel::ops()), kTcp6);
  EXPECT_EQ(identify(mptcp, FakeKernel::ops()), (SocketKind{Protocol::kMptcp, true}));
  kernel.take_calls();
  for (const int fd : {local, udp}) {
    EXPECT_EQ(identify(fd, FakeKernel::ops()), kOther) << fd;
    EXPECT_EQ(kernel.take_calls().size(), 1U) << "one question is enough";
  }
  for (const int fd : {file, 99, -1}) {
    EXPECT_EQ(identify(fd, FakeKernel::ops()), SocketKind()) << fd;
    EXPECT_EQ(kernel.take_calls().size(), 1U) << "one question is enough";
  }
  const int raw = kernel.open(AF_INET, IPPROTO_TCP, SOCK_RAW);
  EXPECT_EQ(identify(raw, FakeKernel::ops()), kOther) << "TCP's number, and no TCP socket";
}

}  // namespace
}  // namespace sockopt::test
