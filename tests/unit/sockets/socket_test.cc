// SPDX-License-Identifier: MIT
//
// The beginning of a socket: what is ours gets its settings at once, and what is not costs nothing.
#include <gtest/gtest.h>
#include <sys/un.h>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(AfterSocket, SetsWhatIsDueAtSocket) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\ndefer_accept = 5s\nquickack = on\n");
  program.socket(AF_INET);
  EXPECT_EQ(program.calls(), Calls{"set 3 keepidle 60s"});
  EXPECT_EQ(program.sockets_seen(), 1);
}

TEST(AfterSocket, WithFlagsInTheType) {
  ShimmedProgram program("nodelay = on\n");
  program.socket(AF_INET6, 0, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
  EXPECT_EQ(program.calls(), Calls{"set 3 nodelay on"});
}

TEST(AfterSocket, WhatIsNoneOfOursCostsNoCallInAllItsLife) {
  ShimmedProgram program("keepalive = on\nttl = 9\nbacklog = 500\nquickack = on\npriority = 4\n");
  sockaddr_un path = {};
  path.sun_family = AF_UNIX;
  const auto* local = reinterpret_cast<const sockaddr*>(&path);
  struct Other {
    int domain;
    int protocol;
    int type;
  };
  for (const Other& other :
       {Other{AF_UNIX, 0, SOCK_STREAM}, Other{AF_UNIX, 0, SOCK_SEQPACKET},
        Other{AF_INET, 0, SOCK_DGRAM}, Other{AF_INET6, IPPROTO_UDP, SOCK_DGRAM},
        Other{AF_INET, IPPROTO_TCP, SOCK_RAW}, Other{AF_VSOCK, 0, SOCK_STREAM},
        Other{AF_NETLINK, 0, SOCK_RAW}, Other{AF_INET, IPPROTO_SCTP, SOCK_STREAM}}) {
    const int fd = program.socket(other.domain, other.protocol, other.type);
    program.hooks().before_bind(fd, local, sizeof path);
    program.listen(fd, 7);
    EXPECT_EQ(program.kernel.at(fd).backlog, 7);
    program.connect(fd, local, sizeof path);
    program.connect(fd, "192.0.2.1:80");
    program.serve(fd);
    program.setsockopt(fd, "keepalive", "off");
    program.bind(fd, "0.0.0.0:80");
    EXPECT_EQ(program.calls(), Calls{}) << other.domain << ' ' << other.type;
    program.listen(fd, 7);  // SCTP's, say: with an internet address it is asked
    EXPECT_EQ(program.changes(), Calls{}) << other.domain << ' ' << other.type;
    EXPECT_EQ(program.kernel.at(fd).backlog, 7);
  }
  EXPECT_EQ(program.sockets_seen(), 0);
}

TEST(AfterSocket, AddressesOfOtherFamiliesCostNoCall) {
  ShimmedProgram program("[rule a]\nconnect = 80\nttl = 9\n[rule b]\nlisten = 80\nttl = 8\n");
  const int fd = program.kernel.open(AF_UNIX, 0);
  sockaddr_un path = {};
  path.sun_family = AF_UNIX;
  const auto* local = reinterpret_cast<const sockaddr*>(&path);
  program.hooks().before_bind(fd, local, sizeof path);
  program.connect(fd, local, sizeof path);
  program.connect(fd, local, 0);
  program.connect(fd, local, 1);
  program.hooks().before_bind(fd, nullptr, sizeof path);
  program.hooks().before_connect(fd, nullptr, sizeof path);
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(AfterSocket, ANewSocketOfTheNumberBeginsAnew) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int fd = program.socket(AF_UNIX);
  program.listen(fd);
  program.kernel.close(fd);
  ASSERT_EQ(program.socket(AF_INET), fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 keepidle 60s"});
  program.setsockopt(fd, "keepidle", "7");
  program.kernel.close(fd);
  ASSERT_EQ(program.socket(AF_INET6), fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 keepidle 60s"}) << "the setting was the other socket's";
  program.listen(fd);
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
}

TEST(AfterSocket, DescriptorZeroIsOne) {
  ShimmedProgram program("keepidle = 60s\n");
  program.hooks().after_socket(0, AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(program.calls(), Calls{"set 0 keepidle 60s"});
}

TEST(AfterSocket, BeyondTheTableAllIsDoneAllTheSame) {
  ShimmedProgram program("keepidle = 60s\ndefer_accept = 5s\nbacklog = 500\nquickack = on\n", 0);
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.calls(), Calls{"set 3 keepidle 60s"});
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd, 5);
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
  EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "5s");
  EXPECT_EQ(program.kernel.option(program.serve(fd), "keepidle"), "60s");
  const int client = program.socket(AF_INET);
  program.connect(client, "192.0.2.1:80");
  EXPECT_EQ(program.kernel.option(client, "keepidle"), "60s");
  EXPECT_TRUE(program.refused().empty());
}

TEST(AfterSocket, WithNothingToSetThereIsNoCall) {
  ShimmedProgram program("keepidle = default\n");
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd, 5);
  program.serve(fd);
  program.connect(program.socket(AF_INET), "192.0.2.1:80");
  EXPECT_EQ(program.changes(), Calls{});
  EXPECT_EQ(program.kernel.at(fd).backlog, 5);
}

// Made by a raw system call, received from another process or inherited: first seen when used.
TEST(UnseenSocket, IsMadeUpForAtBind) {
  ShimmedProgram program("keepidle = 60s\nbind_address_no_port = on\n");
  const int fd = program.kernel.open(AF_INET6, IPPROTO_TCP);
  program.bind(fd, "[::]:80");
  EXPECT_EQ(program.changes(), (Calls{"set 3 keepidle 60s", "set 3 bind_address_no_port on"}));
  EXPECT_EQ(program.sockets_seen(), 1);
  program.listen(fd);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(UnseenSocket, IsMadeUpForAtConnect) {
  ShimmedProgram program("keepidle = 60s\nfastopen_connect = on\n");
  const int fd = program.kernel.open(AF_INET, IPPROTO_TCP);
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.changes(), (Calls{"set 3 keepidle 60s", "set 3 fastopen_connect on"}));
}

TEST(UnseenSocket, IsMadeUpForAtListen) {
  ShimmedProgram program("keepidle = 60s\ndefer_accept = 5s\nbacklog = 500\n");
  const int fd = program.kernel.open(AF_INET, IPPROTO_TCP);
  program.listen(fd, 5);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
  EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "5s");
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
}

TEST(UnseenSocket, ThatIsNoneOfOursIsAskedOnce) {
  ShimmedProgram program("keepidle = 60s\n");
  const int fd = program.kernel.open(AF_INET, IPPROTO_UDP);
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.calls(), Calls{"get 3 protocol"});
  program.connect(fd, "192.0.2.2:80");
  program.bind(fd, "0.0.0.0:80");
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(UnseenSocket, ThatIsNoSocketIsLeftToTheKernel) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  for (const int fd : {-1, 50, 1000000}) {
    EXPECT_EQ(program.hooks().before_listen(fd, 9).backlog, 9);
    if (program.hooks().needs_adoption(fd)) program.hooks().adopt(fd);
    program.hooks().after_accept(fd, -1, 9);
    program.connect(fd, "192.0.2.1:80");
    for (const std::string& call : program.calls()) EXPECT_EQ(call.find("get "), 0U) << call;
  }
  EXPECT_EQ(program.sockets_seen(), 0);
}

}  // namespace
}  // namespace sockopt::test
