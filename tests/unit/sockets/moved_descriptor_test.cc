// SPDX-License-Identifier: MIT
//
// A descriptor can come to mean another socket without our seeing it: dup2, close and a raw system
// call, a descriptor sent by another process.  Wherever that could reach a socket that is none of
// ours, the kernel is asked.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

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
  ShimmedProgram program("keepalive = on\npriority = 4\n");
  const int listener = program.inherited_listener(AF_INET, 5, 3);
  program.accept(listener);
  program.kernel.close(listener);
  ASSERT_EQ(program.inherited_listener(AF_UNIX, 5, 3, 0), listener);
  const int fd = program.accept(listener);
  EXPECT_TRUE(program.kernel.at(fd).options.empty());
}

// As resolvers do with UDP sockets, to connect them to another address.
TEST(MovedDescriptor, WhatIsNoneOfOursGivesUpItsConnection) {
  for (const std::string_view more : {"", "window_clamp = 64K\n", "raw.1.18 = 1\n"}) {
    for (const OtherKind& other : kOthers) {
      ShimmedProgram program(std::string(kEverySetting) + std::string(more));
      const int fd = moved(program, other.domain, other.protocol, other.type);
      program.connect(fd, "192.0.2.1:80");
      program.disconnect(fd);
      EXPECT_TRUE(program.kernel.at(fd).options.empty()) << other.domain << ' ' << other.type;
      EXPECT_EQ(program.refused(), Calls{});
    }
  }
}

// Each kind of socket has its own way to say that it does not know an option.
TEST(MovedDescriptor, WhatIsNoneOfOursRefusesWithoutAWarning) {
  for (const int error : {ENOPROTOOPT, EOPNOTSUPP, EINVAL}) {
    ShimmedProgram program("[rule a]\nkeepidle = 60s\nconnect = 80\n");
    program.kernel.refuse("keepidle", error);
    const int fd = moved(program, AF_UNIX, 0, SOCK_STREAM);
    program.connect(fd, "192.0.2.1:80");
    EXPECT_EQ(program.refused(), Calls{}) << error;
  }
}

TEST(MovedDescriptor, OneOfTheOtherFamilyHasTheOptionsOfThat) {
  const auto options_of = [](int before, int after, const char* address) {
    ShimmedProgram program("[rule a]\nconnect = 80\nkeepidle = 60s\ntos = af21\nfreebind = on\n");
    const int fd = program.socket(before);
    program.kernel.close(fd);
    EXPECT_EQ(program.kernel.open(after, IPPROTO_TCP), fd);
    program.calls();
    program.connect(fd, address);
    EXPECT_EQ(program.refused(), Calls{});
    return program.changes();
  };
  EXPECT_EQ(options_of(AF_INET6, AF_INET, "192.0.2.1:80"),
            (Calls{"set 3 keepidle 60s", "set 3 freebind on", "set 3 tos af21"}));
  EXPECT_EQ(
      options_of(AF_INET, AF_INET6, "[2001:db8::1]:80"),
      (Calls{"set 3 keepidle 60s", "set 3 freebind/6 on", "set 3 tos/6 af21", "set 3 tos af21"}));
}

// It is taken for TCP over IPv6 until the kernel says otherwise.
TEST(MovedDescriptor, ARefusalThatComesOfTheOtherFamilyIsMadeGood) {
  ShimmedProgram program("v6only = on\ntos = af21\n");
  const int fd = program.kernel.open(AF_INET, IPPROTO_TCP);
  program.hooks().after_socket(fd, AF_INET6, SOCK_STREAM, 0);
  EXPECT_EQ(program.refused(), Calls{});
  EXPECT_EQ(program.kernel.option(fd, "tos"), "af21");
}

}  // namespace
}  // namespace sockopt::test
