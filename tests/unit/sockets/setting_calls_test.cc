// SPDX-License-Identifier: MIT
//
// Which calls put a setting onto a socket: one for each name that the socket's kind has, and no
// failure keeps the next setting from its turn.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(Apply, OneCallForEachOption) {
  for (const bool tells_applied : {false, true}) {
    ShimmedProgram program("keepalive = on\nkeepidle = 60s\nnodelay = on\n", 64, tells_applied);
    program.socket(AF_INET);
    EXPECT_EQ(program.changes(),
              (Calls{"set 3 keepalive on", "set 3 keepidle 60s", "set 3 nodelay on"}));
  }
}

TEST(Apply, TellsWhatWasAppliedWhereThatIsAskedFor) {
  ShimmedProgram program("keepalive = on\nkeepidle = 60s\nnodelay = on\n", 64, true);
  program.socket(AF_INET);
  EXPECT_EQ(program.applied(), (Calls{"3 keepalive", "3 keepidle", "3 nodelay"}));
}

TEST(Apply, NamesOfTheSocketsFamily) {
  ShimmedProgram program("freebind = on\ntransparent = on\n");
  program.socket(AF_INET);
  EXPECT_EQ(program.changes(), (Calls{"set 3 freebind on", "set 3 transparent on"}));
  program.socket(AF_INET6);
  EXPECT_EQ(program.changes(), (Calls{"set 4 freebind/6 on", "set 4 transparent/6 on"}));
}

TEST(Apply, BothNamesWhereMappedPeersReadTheOther) {
  ShimmedProgram program("tos = af21\nttl = 9\nmtu_discover = probe\n");
  program.socket(AF_INET);
  EXPECT_EQ(program.changes(),
            (Calls{"set 3 tos af21", "set 3 ttl 9", "set 3 mtu_discover probe"}));
  program.socket(AF_INET6);
  EXPECT_EQ(program.changes(),
            (Calls{"set 4 tos/6 af21", "set 4 tos af21", "set 4 ttl/6 9", "set 4 ttl 9",
                   "set 4 mtu_discover/6 probe", "set 4 mtu_discover probe"}));
}

TEST(Apply, WhatIsForIpv6OnlyIsNothingToAnIpv4Socket) {
  ShimmedProgram program("v6only = on\n", 64, true);
  program.socket(AF_INET);
  EXPECT_EQ(program.changes(), Calls{});
  EXPECT_TRUE(program.refused().empty());
  EXPECT_TRUE(program.applied().empty()) << "nothing was applied";
  program.socket(AF_INET6);
  EXPECT_EQ(program.changes(), Calls{"set 4 v6only on"});
}

TEST(Apply, MptcpIsNotAskedForWhatItRefuses) {
  ShimmedProgram program("keepidle = 60s\nuser_timeout = 30s\ntos = af21\nttl = 9\n");
  program.socket(AF_INET6, kMptcp);
  EXPECT_EQ(program.changes(), (Calls{"set 3 keepidle 60s", "set 3 tos af21"}));
  EXPECT_EQ(program.refused(), (Calls{"3 user_timeout 0", "3 ttl 0"}));
}

TEST(Apply, NoFailureStopsTheNext) {
  ShimmedProgram program("keepalive = on\nbusy_poll = 50us\nnodelay = on\nmark = 1\nttl = 9\n");
  program.kernel.refuse("mark", EPERM);
  program.kernel.refuse("busy_poll", EPERM);
  program.kernel.refuse("nodelay", EINVAL);
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.refused(), (Calls{"3 nodelay 22", "3 busy_poll 1", "3 mark 1"}));
  EXPECT_EQ(program.kernel.option(fd, "keepalive"), "on");
  EXPECT_EQ(program.kernel.option(fd, "ttl"), "9");
}

TEST(Apply, OneRefusedNameOfTwoIsARefusal) {
  ShimmedProgram program("ttl = 9\n");
  program.kernel.refuse("ttl", EINVAL);
  program.socket(AF_INET6);
  EXPECT_EQ(program.changes(), (Calls{"set 3 ttl/6 9", "set 3 ttl 9"}));
  EXPECT_EQ(program.refused(), Calls{"3 ttl 22"});
}

TEST(Apply, ADescriptorThatIsGoneEndsIt) {
  ShimmedProgram program("keepalive = on\nkeepidle = 60s\nnodelay = on\n");
  program.hooks().after_socket(40, AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(program.changes(), Calls{"set 40 keepalive on"});
  EXPECT_TRUE(program.refused().empty()) << "the program's affair";
}

TEST(Apply, ADescriptorThatIsNoSocketEndsIt) {
  ShimmedProgram program("keepalive = on\nkeepidle = 60s\n");
  const int fd = program.kernel.open(AF_UNSPEC, 0);
  program.hooks().after_socket(fd, AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(program.changes(), Calls{"set 3 keepalive on"});
  EXPECT_TRUE(program.refused().empty());
}

// A BPF program or another shim makes MPTCP of what the program asked to be TCP.
TEST(Apply, WhatTurnsOutToBeMptcpIsTreatedSoFromThenOn) {
  ShimmedProgram program("user_timeout = 30s\nlinger2 = 30s\nnodelay = on\nsyncnt = 3\n");
  const int fd = program.kernel.open(AF_INET, kMptcp);
  program.hooks().after_socket(fd, AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(program.changes(), (Calls{"set 3 user_timeout 30s", "set 3 nodelay on"}));
  EXPECT_EQ(program.refused(), (Calls{"3 user_timeout 0", "3 linger2 0", "3 syncnt 0"}));
  program.listen(fd);
  program.calls();
  program.serve(fd, IPPROTO_TCP);
  EXPECT_EQ(program.kernel.option(4, "user_timeout"), "30s");
}

TEST(Apply, WhatTurnsOutToBeNoneOfOursIsLeftAlone) {
  ShimmedProgram program("keepidle = 60s\nkeepintvl = 10s\nnodelay = on\n");
  const int fd = program.kernel.open(AF_UNIX, 0);
  program.hooks().after_socket(fd, AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(program.changes(), (Calls{"set 3 keepidle 60s"}));
  EXPECT_TRUE(program.refused().empty());
  program.listen(fd);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(Apply, AnOptionThatThisKernelLacksIsRefusedAndNoMore) {
  ShimmedProgram program("rto_max_ms = 30s\nkeepcnt = 5\n");
  program.kernel.refuse("rto_max_ms", ENOPROTOOPT);
  program.socket(AF_INET);
  EXPECT_EQ(program.changes(), (Calls{"set 3 keepcnt 5", "set 3 rto_max_ms 30s"}));
  EXPECT_EQ(program.refused(), Calls{"3 rto_max_ms " + std::to_string(ENOPROTOOPT)});
}

TEST(Apply, RawOptionsAsTheyAreWritten) {
  ShimmedProgram program("raw.6.200 = 7\nraw.1.201 = hex:0102\n");
  const int fd = program.socket(AF_INET6);
  EXPECT_EQ(program.changes(), (Calls{"set 3 6/200 7", "set 3 1/201 hex:0102"}));
  program.listen(fd);
  EXPECT_EQ(program.changes(), (Calls{"set 3 6/200 7", "set 3 1/201 hex:0102"}));
}

}  // namespace
}  // namespace sockopt::test
