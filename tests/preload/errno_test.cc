// SPDX-License-Identifier: MIT
//
// Result and errno of every hooked call are the real one's, in success and in failure, whatever the
// shim did before and after. The actor sets errno to a sentinel before each call.
#include <gtest/gtest.h>

#include "tests/preload/script.h"

namespace sockopt::test {
namespace {

// Settings that make the shim busy at every call and that the kernel partly refuses, so that errno
// has every occasion to be lost.
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

struct Calls {
  const char* name;
  Script steps;
};
void PrintTo(const Calls& calls, std::ostream* out) { *out << calls.name; }

const Calls kCalls[] = {
    {"socket", {"socket s inet stream 0", "socket t inet6 stream|cloexec 6"}},
    {"socket_fails", {"socket s none stream 0", "socket t inet stream 17", "socket u inet none 0"}},
    {"bind", {"socket s inet stream 0", "bind s 127.0.0.1"}},
    {"bind_fails",
     {"socket s inet stream 0", "bind s 192.0.2.1", "bind -1 127.0.0.1", "bind s unix:@x",
      "bind 999 ::1", "bind s 127.0.0.1", "bind s 127.0.0.1"}},
    {"listen", tcp_listener() + Script{"listen l 10"}},
    {"listen_fails",
     {"listen -1 5", "listen 999 5", "socket u inet dgram 0", "listen u 5", "pipe p",
      "listen p 5"}},
    {"accept",
     tcp_listener() + Script{"client c l", "accept a l", "client d l", "accept4 b l none"}},
    {"accept_fails",
     tcp_listener() + Script{"nonblock l", "accept a l", "accept4 b l none", "accept a -1",
                             "accept a 999", "socket u inet dgram 0", "accept a u",
                             "socket s inet stream 0", "accept a s", "pipe p", "accept a p"}},
    {"connect", tcp_listener() + Script{"socket s inet stream 0", "connect s l"}},
    {"connect_twice",
     tcp_listener() + Script{"socket s inet stream 0", "connect s l", "connect s l"}},
    {"connect_fails",
     {"socket s inet stream 0", "connect s 127.0.0.1:1", "connect-null s", "connect -1 127.0.0.1:1",
      "connect 999 127.0.0.1:1", "pipe p", "connect p 127.0.0.1:1", "socket u unix stream 0",
      "connect u unix:/no/such/path"}},
    {"connect_nonblocking",
     tcp_listener() + Script{"socket s inet stream|nonblock 0", "connect s l", "writable s",
                             "connect s l", "connect s l"}},
    {"setsockopt", {"socket s inet stream 0", "set s 6 4 30", "set s 1 9 0"}},
    {"setsockopt_fails",
     {"socket s inet stream 0", "set s 6 4 0", "set s 6 200 1", "set s 99 1 1", "set -1 6 4 30",
      "set-null s 6 4", "pipe p", "set p 1 9 1"}},
    {"unix",
     {"socket s unix stream 0", "bind s unix:@sockopt-errno-test-%", "listen s 5",
      "socket c unix stream 0", "connect c s", "accept a s", "set a 1 9 1"}},
};

class Errno : public ::testing::TestWithParam<Calls> {};

TEST_P(Errno, AndResultAreTheRealOnes) {
  const Played without = play_plainly(GetParam().steps);
  EXPECT_GE(occurrences(without.finished.output, "errno"), 2);
  EXPECT_EQ(play_with(kBusy, GetParam().steps).lines, without.lines);
}

INSTANTIATE_TEST_SUITE_P(, Errno, ::testing::ValuesIn(kCalls),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ErrnoTest, ASuccessfulCallLeavesWhatWasThere) {
  const Played with =
      play_with(kBusy, tcp_listener() + Script{"client c l", "accept a l", "socket s inet stream 0",
                                               "connect s l", "set s 6 4 30"});
  for (const char* step : {"bind l 127.0.0.1", "listen l 5", "connect s l", "set s 6 4 30"}) {
    EXPECT_EQ(with.result(step), "0 errno 4242") << step;
  }
  EXPECT_TRUE(with.result("accept a l").ends_with(" errno 4242"));
  EXPECT_NE(occurrences(with.error(), "was not set"), 0) << "the occasion was there";
}

}  // namespace
}  // namespace sockopt::test
