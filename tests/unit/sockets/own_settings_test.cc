// SPDX-License-Identifier: MIT
//
// What the program sets itself stands, before or after ours; under `enforce` the policy's stands.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

TEST(OwnSettings, StandAtListen) {
  ShimmedProgram program("defer_accept = 5s\nfastopen = 5\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "defer_accept", "9s");
  program.listen(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 fastopen 5"});
  EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "9s");
}

TEST(OwnSettings, StandAtConnect) {
  ShimmedProgram program("fastopen_connect = on\nquickack = on\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "fastopen_connect", "off");
  program.setsockopt(fd, "quickack", "off");
  program.connect(fd, "192.0.2.1:80");
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(OwnSettings, OfTheOtherFamilysNameStandToo) {
  ShimmedProgram program("[rule web]\nlisten = 80\nttl = 9\nrcvbuf = 1M\n");
  const int fd = program.socket(AF_INET6);
  program.hooks().after_setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
  program.hooks().after_setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE);
  program.bind(fd, "[::]:80");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "ttl"), "-");
  EXPECT_EQ(program.kernel.option(fd, "rcvbuf"), "-");
}

TEST(OwnSettings, BelongToTheSocketNotToTheNumber) {
  ShimmedProgram program("defer_accept = 5s\nuser_timeout = 30s\n");
  const int listener = program.inherited_listener(AF_INET, 5, 1);
  program.setsockopt(listener, "defer_accept", "9s");
  const int fd = program.accept(listener);
  EXPECT_EQ(program.kernel.option(listener, "defer_accept"), "9s");
  program.setsockopt(fd, "user_timeout", "1s");
  program.kernel.close(fd);
  program.kernel.connect_to(listener);
  program.calls();
  ASSERT_EQ(program.accept(listener), fd);
  EXPECT_EQ(program.changes(), Calls{"set 4 user_timeout 30s"}) << "still drained";
}

// The same on a listener that hands on all there is, where accept itself has nothing to do.
TEST(OwnSettings, OfAnAcceptedSocketAreNotTheNextOnes) {
  ShimmedProgram program("window_clamp = 64K\n");
  const int listener = program.socket(AF_INET);
  program.listen(listener);
  const int fd = program.serve(listener);
  program.setsockopt(fd, "window_clamp", "32K");
  program.kernel.close(fd);
  ASSERT_EQ(program.serve(listener), fd);
  program.calls();
  program.disconnect(fd);
  EXPECT_EQ(program.changes(), Calls{"set 4 window_clamp 64K"});
}

// Both are on the same socket, whether or not the one had to be told apart from its number.
TEST(OwnSettings, ThatCanBeSetOnceMoreDoNotTakeTheOthersPlace) {
  ShimmedProgram program("keepidle = 60s\nquickack = on\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "keepidle", "9s");
  program.setsockopt(fd, "quickack", "off");
  program.disconnect(fd);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "9s");
}

TEST(OwnSettings, OnAnAcceptedSocketStandWhateverHadItsNumber) {
  ShimmedProgram program("keepidle = 60s\nquickack = on\n");
  const int listener = program.socket(AF_INET);
  program.bind(listener, "0.0.0.0:80");
  program.listen(listener);
  const int client = program.socket(AF_INET);
  program.setsockopt(client, "quickack", "off");
  program.kernel.close(client);
  program.kernel.connect_to(listener);
  const int fd = program.accept(listener);
  ASSERT_EQ(fd, client);
  program.setsockopt(fd, "keepidle", "9s");
  program.disconnect(fd);
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "9s");
}

// Only TCP takes its own options: what is remembered of the number is wrong.
TEST(OwnSettings, OnTheNumberOfAUnixSocketStand) {
  ShimmedProgram program("keepidle = 60s\nnodelay = on\n");
  const int fd = program.socket(AF_UNIX);
  program.kernel.close(fd);
  ASSERT_EQ(program.kernel.open(AF_INET, IPPROTO_TCP), fd);
  program.setsockopt(fd, "keepidle", "9s");
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "9s");
  EXPECT_EQ(program.kernel.option(fd, "nodelay"), "on");
}

// ip(7): the priority follows IP_TOS. The program asked for the one and not for the other.
TEST(OwnSettings, OfTosLeaveThePriorityAsItIsAskedFor) {
  ShimmedProgram program("priority = 4\n");
  const int fd = program.socket(AF_INET);
  program.calls();
  program.setsockopt(fd, "tos", "0x10");
  EXPECT_EQ(program.changes(), Calls{"set 3 priority 4"});
  program.setsockopt(fd, "priority", "2");
  program.calls();
  program.setsockopt(fd, "tos", "0x10");
  EXPECT_EQ(program.changes(), Calls{}) << "its own stands";
}

// mptcpize and BPF programs have a socket opened as another kind than the program asked for.
TEST(OwnSettings, StandWhenTheSocketTurnsOutToBeMptcp) {
  for (const int domain : {AF_INET, AF_INET6}) {
    ShimmedProgram program("keepidle = 60s\nkeepintvl = 10s\nttl = 9\ndefer_accept = 5s\n");
    const int fd = program.socket(domain);
    program.kernel.at(fd).protocol = kMptcp;
    program.setsockopt(fd, "keepidle", "33s");
    program.setsockopt(fd, "defer_accept", "9s");
    program.bind(fd, domain == AF_INET ? "0.0.0.0:80" : "[::]:80");
    program.listen(fd);
    EXPECT_EQ(program.kernel.option(fd, "keepidle"), "33s");
    EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "9s");
    EXPECT_EQ(program.kernel.option(fd, "keepintvl"), "10s");
    EXPECT_EQ(program.kernel.option(program.serve(fd, kMptcp), "keepidle"), "33s");
    program.listen(fd);
    EXPECT_EQ(program.kernel.option(fd, "keepidle"), "33s");
  }
}

TEST(OwnSettings, OfAnMptcpListenerStandOnThePlainConnectionsThatLackThem) {
  ShimmedProgram program("notsent_lowat = 128K\nuser_timeout = 30s\n");
  const int fd = program.socket(AF_INET, kMptcp);
  program.setsockopt(fd, "notsent_lowat", "1K");
  program.listen(fd);
  const int plain = program.serve(fd, IPPROTO_TCP);
  EXPECT_EQ(program.kernel.option(plain, "notsent_lowat"), "-");
  EXPECT_EQ(program.kernel.option(plain, "user_timeout"), "30s");
}

TEST(OwnSettings, OfOneRowStandAgainstTheOtherRowOfTheSameState) {
  ShimmedProgram program("[rule web]\nlisten = 80\nrcvbufforce = 8M\nsndbuf = 1M\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "rcvbuf", "64K");
  program.setsockopt(fd, "sndbufforce", "64K");
  program.bind(fd, "0.0.0.0:80");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "rcvbufforce"), "-");
  EXPECT_EQ(program.kernel.option(fd, "sndbuf"), "-");
}

TEST(OwnSettings, OfARawOption) {
  ShimmedProgram program("raw.6.200 = 7\n");
  const int fd = program.socket(AF_INET);
  program.calls();
  program.hooks().after_setsockopt(fd, IPPROTO_TCP, 200);
  program.listen(fd);
  EXPECT_EQ(program.changes(), Calls{});
}

TEST(OwnSettings, OptionsThatNobodyKnowsAreNothing) {
  ShimmedProgram program("defer_accept = 5s\n");
  const int fd = program.socket(AF_INET);
  for (const int level : {-1, 0, 1, 6, 41, 1000000}) {
    for (const int name : {-1, 0, 95, 96, 1000000}) {
      program.hooks().after_setsockopt(fd, level, name);
      program.hooks().after_setsockopt(-1, level, name);
    }
  }
  program.listen(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 defer_accept 5s"});
}

TEST(Enforce, TheProgramsCallBecomesOneWithThePolicysValue) {
  ShimmedProgram program("enforce = yes\nkeepidle = 60s\n");
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.setsockopt(fd, "keepidle", "7"), 0);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
  EXPECT_EQ(program.setsockopt(fd, "keepcnt", "3"), 0);
  EXPECT_EQ(program.kernel.option(fd, "keepcnt"), "3") << "of this the policy says nothing";
}

TEST(Enforce, TheResultIsTheKernels) {
  ShimmedProgram program("enforce = yes\nmark = 1\n");
  program.kernel.refuse("mark", EPERM);
  const int fd = program.socket(AF_INET);
  EXPECT_EQ(program.setsockopt(fd, "mark", "7"), EPERM);
}

TEST(Enforce, StandsAgainstWhatWasSetBefore) {
  ShimmedProgram program("enforce = yes\ndefer_accept = 5s\n");
  const int fd = program.socket(AF_INET);
  program.setsockopt(fd, "defer_accept", "9s");
  program.listen(fd);
  EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "5s");
}

TEST(Enforce, StandsAgainstWhatWasSetBeforeConnectAndBind) {
  ShimmedProgram program(
      "[rule db]\nconnect = 5432\nenforce = yes\nkeepidle = 20s\n"
      "[rule web]\nlisten = 80\nenforce = yes\nbindtodevice = eth0\n");
  const int client = program.socket(AF_INET);
  program.setsockopt(client, "keepidle", "7");
  program.connect(client, "192.0.2.1:5432");
  EXPECT_EQ(program.kernel.option(client, "keepidle"), "20s");
  const int server = program.socket(AF_INET);
  program.setsockopt(server, "bindtodevice", "lo");
  program.bind(server, "0.0.0.0:80");
  EXPECT_EQ(program.kernel.option(server, "bindtodevice"), "eth0");
}

TEST(Enforce, IsForTcpSocketsOnly) {
  ShimmedProgram program("enforce = yes\nkeepalive = on\n");
  const int local = program.socket(AF_UNIX);
  EXPECT_EQ(program.setsockopt(local, "keepalive", "off"), 0);
  EXPECT_EQ(program.kernel.option(local, "keepalive"), "off");
  EXPECT_EQ(program.calls(), Calls{}) << "known, so not asked";
  const int datagrams = program.kernel.open(AF_INET, IPPROTO_UDP);
  EXPECT_EQ(program.setsockopt(datagrams, "keepalive", "off"), 0);
  EXPECT_EQ(program.kernel.option(datagrams, "keepalive"), "off");
}

TEST(Enforce, WhatIsRememberedOfTheNumberIsNotTrusted) {
  ShimmedProgram program("enforce = yes\nkeepalive = on\n");
  const int fd = program.socket(AF_INET);
  program.kernel.close(fd);
  ASSERT_EQ(program.kernel.open(AF_UNIX, 0), fd);
  EXPECT_EQ(program.setsockopt(fd, "keepalive", "off"), 0);
  EXPECT_EQ(program.kernel.option(fd, "keepalive"), "off") << "no TCP socket any more";
}

TEST(Enforce, OfARuleOnceItsAddressIsKnown) {
  ShimmedProgram program(
      "[rule web]\nlisten = 80\nenforce = yes\nkeepidle = 10s\n"
      "[rule db]\nconnect = 5432\nenforce = yes\nkeepidle = 20s\n");
  const int listener = program.socket(AF_INET);
  program.bind(listener, "0.0.0.0:80");
  program.listen(listener);
  program.setsockopt(listener, "keepidle", "7");
  EXPECT_EQ(program.kernel.option(listener, "keepidle"), "10s");
  const int accepted = program.serve(listener);
  program.setsockopt(accepted, "keepidle", "7");
  EXPECT_EQ(program.kernel.option(accepted, "keepidle"), "10s");
  const int client = program.socket(AF_INET);
  program.setsockopt(client, "keepcnt", "7");
  program.connect(client, "192.0.2.1:5432");
  EXPECT_EQ(program.kernel.option(client, "keepidle"), "20s");
  program.setsockopt(client, "keepidle", "8");
  EXPECT_EQ(program.kernel.option(client, "keepidle"), "20s");
  const int other = program.socket(AF_INET);
  program.connect(other, "192.0.2.1:80");
  program.setsockopt(other, "keepidle", "7");
  EXPECT_EQ(program.kernel.option(other, "keepidle"), "7s");
}

// The program says it with IPv4's name on an IPv6 socket: it is answered in its own words.
TEST(Enforce, UnderTheNameThatTheProgramUsed) {
  ShimmedProgram program("enforce = yes\nttl = 9\n");
  const int fd = program.socket(AF_INET6);
  KernelName instead;
  const int value = 5;
  const auto ask = [&](int level, int name) {
    return program.hooks().before_setsockopt(fd, level, name, &value, sizeof value, instead);
  };
  ASSERT_NE(ask(IPPROTO_IP, IP_TTL), nullptr);
  EXPECT_EQ(instead, (KernelName{IPPROTO_IP, IP_TTL}));
  ASSERT_NE(ask(IPPROTO_IPV6, IPV6_UNICAST_HOPS), nullptr);
  EXPECT_EQ(instead, (KernelName{IPPROTO_IPV6, IPV6_UNICAST_HOPS}));
}

TEST(Enforce, AnotherRoadToTheSameStateLeadsToTheRowsOwnName) {
  ShimmedProgram program("enforce = yes\nrcvbuf = 1M\n");
  const int fd = program.socket(AF_INET);
  KernelName instead;
  const int value = 5;
  ASSERT_NE(program.hooks().before_setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof value,
                                              instead),
            nullptr);
  EXPECT_EQ(instead, (KernelName{SOL_SOCKET, SO_RCVBUF}));
}

}  // namespace
}  // namespace sockopt::test
