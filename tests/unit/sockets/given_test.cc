// SPDX-License-Identifier: MIT
//
// What a program is started with: a connection (inetd, Accept=yes) gets what an accepted one has.
#include <gtest/gtest.h>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

// A connection that another program accepted on port 80 of 192.0.2.9.
int given_connection(ShimmedProgram& program, int protocol = IPPROTO_TCP) {
  const int fd = program.kernel.open(AF_INET, protocol);
  FakeSocket& socket = program.kernel.at(fd);
  TextOf<100> error;
  EXPECT_TRUE(parse_address("192.0.2.9:80", socket.local, error));
  EXPECT_TRUE(parse_address("198.51.100.7:40000", socket.peer, error));
  return fd;
}

TEST(Given, AConnectionGetsWhatAnAcceptedOneHas) {
  ShimmedProgram program(
      "keepidle = 60s\npriority = 4\nbacklog = 500\ndefer_accept = 5s\nreuseaddr = on\n"
      "fastopen_connect = on\nfastopen_no_cookie = on\nquickack = on\n");
  const int fd = given_connection(program);
  program.hooks().take_over(fd);
  EXPECT_EQ(program.changes(),
            (Calls{"set 3 keepidle 60s", "set 3 quickack on", "set 3 priority 4"}));
  EXPECT_EQ(program.sockets_seen(), 1);
}

TEST(Given, OfARuleByTheAddressThatItCameTo) {
  ShimmedProgram program(
      "[sockopt]\nkeepidle = 60s\n[rule web]\nlisten = 80\nkeepidle = 10s\n"
      "[rule peer]\nconnect = 40000\nkeepidle = 20s\n");
  const int fd = given_connection(program);
  program.hooks().take_over(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 keepidle 10s"});
}

TEST(Given, EnforcedSettingsHoldOnIt) {
  ShimmedProgram program("[rule web]\nlisten = 80\nenforce = yes\nkeepidle = 10s\n");
  const int fd = given_connection(program);
  program.hooks().take_over(fd);
  program.setsockopt(fd, "keepidle", "7s");
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "10s");
}

TEST(Given, OfMptcpToo) {
  ShimmedProgram program("keepidle = 60s\nuser_timeout = 30s\n");
  const int fd = given_connection(program, kMptcp);
  program.hooks().take_over(fd);
  EXPECT_EQ(program.changes(), Calls{"set 3 keepidle 60s"});
}

TEST(Given, AListenerIsAdopted) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int fd = program.inherited_listener(AF_INET, 5);
  program.hooks().take_over(fd);
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
}

TEST(Given, NothingElseIsTouched) {
  ShimmedProgram program("keepidle = 60s\nkeepalive = on\n");
  const int local = program.kernel.open(AF_UNIX, 0);
  program.hooks().take_over(local);
  program.hooks().take_over(local + 1);
  EXPECT_EQ(program.calls(), (Calls{"get 3 protocol", "get 4 protocol"})) << "one question each";
  program.hooks().take_over(program.kernel.open(AF_INET, IPPROTO_UDP, SOCK_DGRAM));
  program.hooks().take_over(program.kernel.open(AF_INET, IPPROTO_TCP));
  EXPECT_EQ(program.changes(), Calls{}) << "neither connected nor listening";
  EXPECT_EQ(program.sockets_seen(), 0);
}

}  // namespace
}  // namespace sockopt::test
