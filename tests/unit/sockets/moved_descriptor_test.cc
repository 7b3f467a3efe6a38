// SPDX-License-Identifier: MIT
//
// A descriptor can come to mean another socket without our seeing it: dup2, close and a raw system
// call, a descriptor sent by another process.  Wherever that could reach a socket that is none of
// ours, the kernel is asked.
#include <gtest/gtest.h>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kEverySetting =
    "keepalive = on\nttl = 9\nbacklog = 500\nquickack = on\nfastopen_connect = on\n"
    "bind_address_no_port = on\ndefer_accept = 5s\nreuseaddr = on\n";

// A socket of this kind stands on the number that was a TCP socket's.
int moved(ShimmedProgram& program, int domain, int protocol, int type) {
  const int fd = program.socket(AF_INET);
  program.kernel.close(fd);
  EXPECT_EQ(program.kernel.open(domain, protocol, type), fd);
  program.calls();
  return fd;
}

struct OtherKind {
  int domain;
  int protocol;
  int type;
};

constexpr OtherKind kOthers[] = {{AF_INET, IPPROTO_UDP, SOCK_DGRAM},
                                 {AF_INET6, IPPROTO_UDP, SOCK_DGRAM},
                                 {AF_INET, IPPROTO_TCP, SOCK_RAW},
                                 {AF_UNIX, 0, SOCK_STREAM}};

TEST(MovedDescriptor, NothingIsPutOntoWhatIsNoneOfOurs) {
  for (const OtherKind& other : kOthers) {
    ShimmedProgram program(kEverySetting);
    const int fd = moved(program, other.domain, other.protocol, other.type);
    program.bind(fd, "0.0.0.0:80");
    program.connect(fd, "192.0.2.1:80");
    program.listen(fd, 5);
    EXPECT_TRUE(program.kernel.at(fd).options.empty()) << other.domain << ' ' << other.type;
    EXPECT_EQ(program.kernel.at(fd).backlog, 5);
    program.serve(fd);
    EXPECT_EQ(program.kernel.at(fd).backlog, 5);
  }
}

TEST(MovedDescriptor, NorWithSettingsThatAnySocketTakes) {
  for (const OtherKind& other : kOthers) {
    ShimmedProgram program(
        "[rule a]\nconnect = 80\nkeepalive = on\n[rule b]\nlisten = 80\nttl = 9\n");
    const int fd = moved(program, other.domain, other.protocol, other.type);
    program.bind(fd, "0.0.0.0:80");
    program.connect(fd, "192.0.2.1:80");
    program.listen(fd, 5);
    EXPECT_TRUE(program.kernel.at(fd).options.empty()) << other.domain << ' ' << other.type;
  }
}

// A number that is known to be no TCP socket's is asked for again once it is bound to an address
// that TCP sockets have.
TEST(MovedDescriptor, AListenerOnAnotherSocketsNumberIsPrepared) {
  ShimmedProgram program(kEverySetting);
  const int fd = program.socket(AF_INET, IPPROTO_UDP, SOCK_DGRAM);
  program.kernel.close(fd);
  ASSERT_EQ(program.kernel.open(AF_INET6, IPPROTO_TCP), fd);
  program.bind(fd, "[::]:80");
  program.listen(fd, 5);
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
  EXPECT_EQ(program.kernel.option(program.serve(fd), "keepalive"), "on");
}

TEST(MovedDescriptor, WhatTheOtherSocketWasGivenByItsProgramIsForgottenAtListen) {
  ShimmedProgram program("defer_accept = 5s\n");
  const int fd = program.socket(AF_INET6);
  program.setsockopt(fd, "defer_accept", "9s");
  program.kernel.close(fd);
  ASSERT_EQ(program.kernel.open(AF_INET, IPPROTO_TCP), fd);
  program.listen(fd, 5);
  EXPECT_EQ(program.kernel.option(fd, "defer_accept"), "5s");
}

TEST(MovedDescriptor, AnAdoptedListenersNumberOnAUnixSocket) {
  for (const bool asks_for_peer : {true, false}) {
    ShimmedProgram program("keepalive = on\npriority = 4\n");
    const int listener = program.inherited_listener(AF_INET, 5, 3);
    program.accept(listener);
    program.kernel.close(listener);
    ASSERT_EQ(program.inherited_listener(AF_UNIX, 5, 3, 0), listener);
    const int fd = program.accept(listener, asks_for_peer);
    EXPECT_TRUE(program.kernel.at(fd).options.empty());
  }
}

}  // namespace
}  // namespace sockopt::test
