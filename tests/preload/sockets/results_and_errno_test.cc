// SPDX-License-Identifier: MIT
//
// Result and errno of every hooked call are the real one's, in success and in failure, whatever the
// shim did before and after. The actor sets errno to a sentinel before each call.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// Settings that make the library busy at every call and that the kernel partly refuses, so that
// errno has every occasion to be lost.
const Environment kBusy = {
    {"KEEPALIVE", "on"},
    {"KEEPIDLE", "61s"},
    {"CONGESTION", "nosuch"},
    {"BACKLOG", "1024"},
    {"USER_TIMEOUT", "30s"},
    {"BINDTODEVICE", "nosuch0"},
    {"PRIORITY", "4"},
    {"QUICKACK", "on"},
    {"FASTOPEN_CONNECT", "off"},
    {"RAW_6_200", "1"},
    {"BIND_ADDRESS_NO_PORT", "off"},
    {"LOG", "debug"},
};

const NamedScript kCalls[] = {
    {"socket", "socket s inet; socket t inet6 stream|cloexec tcp"},
    {"socket_fails", "socket s none; socket t inet stream udp; socket u inet none"},
    {"bind", "socket s inet; bind s 127.0.0.1"},
    {"bind_fails",
     "socket s inet; bind s 192.0.2.1; bind -1 127.0.0.1; bind s unix:@x; "
     "bind 999 ::1; bind s 127.0.0.1; bind s 127.0.0.1"},
    {"listen", "listener l; listen l 10"},
    {"listen_fails",
     "listen -1 5; listen 999 5; socket u inet dgram; listen u 5; pipe p; listen p 5"},
    {"accept", "listener l; client c l; accept a l; client d l; accept4 b l none"},
    {"accept_fails",
     "listener l; nonblock l; accept a l; accept4 b l none; accept a -1; "
     "accept a 999; socket u inet dgram; accept a u; socket s inet; accept a s; "
     "pipe p; accept a p"},
    {"connect", "listener l; socket s inet; connect s l"},
    {"connect_twice", "listener l; socket s inet; connect s l; connect s l"},
    {"connect_fails",
     "socket s inet; connect s 127.0.0.1:1; connect-null s; connect -1 127.0.0.1:1; "
     "connect 999 127.0.0.1:1; pipe p; connect p 127.0.0.1:1; socket u unix; "
     "connect u unix:/no/such/path"},
    {"connect_nonblocking",
     "listener l; socket s inet stream|nonblock; connect s l; writable s; "
     "connect s l; connect s l"},
    {"setsockopt", "socket s inet; set s TCP_KEEPIDLE 30; set s SO_KEEPALIVE 0"},
    {"setsockopt_fails",
     "socket s inet; set s TCP_KEEPIDLE 0; set s 6:200 1; set s 99:1 1; "
     "set -1 TCP_KEEPIDLE 30; set-null s TCP_KEEPIDLE; pipe p; set p SO_KEEPALIVE 1"},
    {"unix",
     "socket s unix; bind s unix:@sockopt-errno-test-%; listen s 5; socket c unix; "
     "connect c s; accept a s; set a SO_KEEPALIVE 1"},
};

class Errno : public ::testing::TestWithParam<NamedScript> {};

TEST_P(Errno, AndResultAreTheRealOnes) {
  const Played without = play_plainly(GetParam().script);
  EXPECT_GE(without.lines.size(), 2u);
  EXPECT_EQ(play_with(kBusy, GetParam().script).lines, without.lines);
}

INSTANTIATE_TEST_SUITE_P(, Errno, ::testing::ValuesIn(kCalls), by_name);

TEST(ErrnoTest, ASuccessfulCallLeavesWhatWasThere) {
  const Played with = play_with(kBusy,
                                "listener l; client c l; accept a l; socket s inet; connect s l; "
                                "set s TCP_KEEPIDLE 30");
  for (const char* step :
       {"bind l 127.0.0.1", "listen l 5", "connect s l", "set s TCP_KEEPIDLE 30"}) {
    EXPECT_EQ(with.result(step), "0") << step;
  }
  EXPECT_TRUE(with.result("accept a l").find(' ') == std::string::npos);
  EXPECT_NE(occurrences(with.error(), "was not set"), 0) << "the occasion was there";
}

}  // namespace
}  // namespace sockopt::test
