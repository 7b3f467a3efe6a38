// SPDX-License-Identifier: MIT
//
// Client sockets: settings before connect, `quickack` after it, and nothing when a program asks by
// connecting again how a non-blocking connect went.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(Connect, SetsWhatIsDueBeforeAndAfter) {
  ShimmedProgram program("keepidle = 60s\nfastopen_connect = on\nquickack = on\n");
  const int fd = program.socket(AF_INET);
  program.calls();
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.calls(), (Calls{"set 3 fastopen_connect on", "set 3 quickack on"}));
}

// What a rule repeats of [sockopt] is on the socket since it was opened, unless the program has
// changed it and the rule is enforced.
TEST(Connect, WhatARuleRepeatsIsNotSetAgain) {
  ShimmedProgram program(
      "[sockopt]\nkeepidle = 60s\nkeepcnt = 5\n[rule db]\nconnect = 5432\nkeepidle = 60s\n"
      "keepcnt = 7\nenforce = yes\n");
  const int fd = program.socket(AF_INET);
  program.calls();
  program.connect(fd, "192.0.2.1:5432");
  EXPECT_EQ(program.changes(), Calls{"set 3 keepcnt 7"});
  const int other = program.socket(AF_INET);
  program.setsockopt(other, "keepidle", "30s");
  program.calls();
  program.connect(other, "192.0.2.1:5432");
  EXPECT_EQ(program.changes(), (Calls{"set 4 keepidle 60s", "set 4 keepcnt 7"}));
}

// Its accept would end at a time limit that is a client's.
TEST(Connect, WhatIsForClientsIsTakenBackFromAListener) {
  ShimmedProgram program("rcvtimeo = 5s\nsndtimeo = 5s\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:80", ECONNREFUSED);
  program.calls();
  program.listen(fd);
  EXPECT_EQ(program.changes(), (Calls{"set 3 sndtimeo 0ms", "set 3 rcvtimeo 0ms"}));
  program.connect(fd, "192.0.2.1:80", EISCONN);
  EXPECT_EQ(program.changes(), Calls{}) << "a listener stays one";
  const int other = program.socket(AF_INET);
  program.setsockopt(other, "rcvtimeo", "2s");
  program.connect(other, "192.0.2.1:80", ECONNREFUSED);
  program.calls();
  program.listen(other);
  EXPECT_EQ(program.changes(), Calls{"set 4 sndtimeo 0ms"}) << "the program's own stays";
}

TEST(Connect, OneThatIsInProgressIsConnecting) {
  ShimmedProgram program("quickack = on\n");
  program.connect(program.socket(AF_INET), "192.0.2.1:80", EINPROGRESS);
  EXPECT_EQ(program.calls(), Calls{"set 3 quickack on"});
}

// The connection is made all the same, without the program.
TEST(Connect, OneThatIsInterruptedIsConnecting) {
  ShimmedProgram program("quickack = on\n");
  program.connect(program.socket(AF_INET), "192.0.2.1:80", EINTR);
  EXPECT_EQ(program.calls(), Calls{"set 3 quickack on"});
}

TEST(Connect, AfterAFailureNothingIsSet) {
  ShimmedProgram program("quickack = on\n");
  const int fd = program.socket(AF_INET);
  for (const int error : {ECONNREFUSED, EALREADY, EISCONN, ETIMEDOUT, EBADF}) {
    program.connect(fd, "192.0.2.1:80", error);
    EXPECT_EQ(program.changes(), Calls{}) << error;
  }
}

TEST(Connect, TheSameAddressAgainIsNothing) {
  ShimmedProgram program("fastopen_connect = on\n");
  const int fd = program.socket(AF_INET6);
  program.connect(fd, "[2001:db8::1]:80", EINPROGRESS);
  program.calls();
  program.connect(fd, "[2001:db8::1]:80", EALREADY);
  EXPECT_EQ(program.calls(), Calls{"get 3 info"}) << "is it still this socket";
  program.connect(fd, "[2001:db8::1]:80", 0);
  program.connect(fd, "[2001:db8::1]:80", EISCONN);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(Connect, AnotherSocketThatWasMovedToTheNumberIsNotTheSameConnection) {
  ShimmedProgram program("[rule db]\nconnect = 5432\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:5432", EINPROGRESS);
  program.kernel.close(fd);
  ASSERT_EQ(program.kernel.open(AF_INET, IPPROTO_TCP), fd) << "as dup2 does, unseen";
  program.connect(fd, "192.0.2.1:5432", EINPROGRESS);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "10s");
}

TEST(Connect, WhereNothingWaitsForItNothingIsDone) {
  ShimmedProgram program("keepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  EXPECT_FALSE(program.hooks().needs_connect_hook(fd));
  EXPECT_TRUE(program.hooks().needs_connect_hook(fd + 1)) << "never seen";
  ShimmedProgram forgetful("keepidle = 10s\n", 0);
  EXPECT_FALSE(forgetful.hooks().needs_connect_hook(forgetful.socket(AF_INET)))
      << "never to be known";
  ShimmedProgram waiting("[rule db]\nconnect = 5432\nkeepidle = 10s\n");
  EXPECT_TRUE(waiting.hooks().needs_connect_hook(waiting.socket(AF_INET)));
}

// The kernel forgets window_clamp, rto_min_us and delack_max_us with the connection.
TEST(Connect, AConnectionThatIsGivenUpLeavesTheSettings) {
  ShimmedProgram program(
      "[sockopt]\nwindow_clamp = 64K\n[rule db]\nconnect = 5432\nrto_min_us = 5ms\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:5432");
  program.calls();
  program.disconnect(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 window_clamp 64K"});
  program.connect(fd, "192.0.2.1:5432");
  EXPECT_EQ(program.changes(), Calls{"set 3 rto_min_us 5ms"});
}

TEST(Connect, GivingUpLeavesTheProgramsOwnAlone) {
  ShimmedProgram program("keepidle = 60s\nwindow_clamp = 64K\nrto_min_us = 5ms\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "window_clamp", "32K");
  program.calls();
  program.disconnect(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 rto_min_us 5ms"}) << "keepidle is not forgotten";
  const int udp = program.socket(AF_INET, IPPROTO_UDP, SOCK_DGRAM);
  program.disconnect(udp);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(Connect, AConnectionThatCannotBeGivenUpKeepsWhatItHas) {
  ShimmedProgram program("window_clamp = 64K\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:80");
  program.calls();
  program.disconnect(fd, EINVAL);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(Connect, WhereNothingIsForgottenNobodyLooks) {
  ShimmedProgram program("keepidle = 60s\nnodelay = on\n");
  EXPECT_FALSE(program.hooks().needs_connect_hook(program.socket(AF_INET)));
  ShimmedProgram forgetting("delack_max_us = 5ms\n");
  EXPECT_TRUE(forgetting.hooks().needs_connect_hook(forgetting.socket(AF_INET)));
}

TEST(Connect, AnotherAddressIsDecidedAnew) {
  ShimmedProgram program("fastopen_connect = on\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:80", ECONNREFUSED);
  program.calls();
  program.connect(fd, "192.0.2.2:80", ECONNREFUSED);
  EXPECT_EQ(program.calls(), Calls{"set 3 fastopen_connect on"});
  program.connect(fd, "192.0.2.2:81", ECONNREFUSED);
  EXPECT_EQ(program.calls(), Calls{"set 3 fastopen_connect on"});
  program.connect(fd, "192.0.2.1:80", ECONNREFUSED);
  EXPECT_EQ(program.calls(), Calls{"set 3 fastopen_connect on"});
}

TEST(Connect, ANewSocketOfTheNumberIsAnotherConnection) {
  ShimmedProgram program("fastopen_connect = on\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:80");
  program.kernel.close(fd);
  ASSERT_EQ(program.socket(AF_INET), fd);
  program.calls();
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.calls(), Calls{"set 3 fastopen_connect on"});
}

TEST(Connect, ListenersOptionsAreNotForClients) {
  ShimmedProgram program("defer_accept = 5s\nbacklog = 500\nincoming_cpu = 0\nfastopen = 5\n");
  program.connect(program.socket(AF_INET), "192.0.2.1:80");
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(ConnectRule, IsDecidedByThePeersAddress) {
  ShimmedProgram program(
      "[sockopt]\nkeepidle = 60s\n[rule db]\nconnect = 192.0.2.0/24:5432\nkeepidle = 10s\n"
      "user_timeout = 30s\n");
  const int database = program.socket(AF_INET);
  EXPECT_EQ(program.calls(), Calls{"set 3 keepidle 60s"}) << "until the rule replaces it";
  program.connect(database, "192.0.2.7:5432");
  EXPECT_EQ(program.calls(), (Calls{"set 3 keepidle 10s", "set 3 user_timeout 30s"}));
  const int other = program.socket(AF_INET);
  program.connect(other, "192.0.2.7:80");
  EXPECT_EQ(program.calls(), Calls{"set 4 keepidle 60s"}) << "once";
  program.connect(other, "192.0.2.7:5432");
  EXPECT_EQ(program.changes(), (Calls{"set 4 keepidle 10s", "set 4 user_timeout 30s"}));
  program.connect(other, "192.0.2.7:80");
  EXPECT_EQ(program.changes(), Calls{"set 4 keepidle 60s"});
}

// proxychains and tsocks connect a socket of their own, past us, and move it to the number.
TEST(ConnectRule, WhatEverySocketGetsDoesNotWaitForIt) {
  ShimmedProgram program("[sockopt]\nkeepidle = 60s\n[rule db]\nconnect = 5432\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
}

// What cannot be replaced later still waits.
TEST(ConnectRule, WhatItLeavesToTheKernelWaits) {
  ShimmedProgram program(
      "[sockopt]\nrcvbuf = 1M\nbindtodevice = eth0\n[rule db]\nconnect = 5432\nrcvbuf = default\n"
      "bindtodevice = eth1\n");
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.changes(), Calls{});
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.changes(), (Calls{"set 3 rcvbuf 1M", "set 3 bindtodevice eth0"}));
}

// IP_TOS sets SO_PRIORITY as well: ip(7).
TEST(ConnectRule, PriorityComesAfterTos) {
  ShimmedProgram program("[sockopt]\npriority = 4\n[rule db]\nconnect = 5432\ntos = cs1\n");
  const int fd = program.socket(AF_INET);
  program.connect(fd, "192.0.2.1:5432");
  EXPECT_EQ(program.changes(), (Calls{"set 3 priority 4", "set 3 tos cs1", "set 3 priority 4"}));
}

TEST(ConnectRule, MatchesMappedPeers) {
  ShimmedProgram program("[rule db]\nconnect = 192.0.2.0/24\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET6);
  sockaddr_in6 mapped = {};
  mapped.sin6_family = AF_INET6;
  mapped.sin6_port = htons(80);
  const unsigned char bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  std::copy(std::begin(bytes), std::end(bytes), mapped.sin6_addr.s6_addr);
  program.connect(fd, reinterpret_cast<const sockaddr*>(&mapped), sizeof mapped);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "10s");
}

TEST(ConnectRule, QuickackOfARuleComesAfterConnect) {
  ShimmedProgram program("[rule db]\nconnect = 5432\nquickack = on\n");
  program.connect(program.socket(AF_INET), "192.0.2.1:5432");
  EXPECT_EQ(program.calls(), Calls{"set 3 quickack on"});
  program.connect(program.socket(AF_INET), "192.0.2.1:80");
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(ConnectRule, ListenRulesAreNotForClients) {
  ShimmedProgram program("[rule web]\nlisten = 80\nkeepidle = 10s\n");
  const int fd = program.socket(AF_INET);
  program.bind(fd, "0.0.0.0:80");
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "-");
}

}  // namespace
}  // namespace sockopt::test
