// SPDX-License-Identifier: MIT
//
// Every TCP socket gets the options, whatever flags, family or protocol it was made with and by
// whichever road it came: a table of them. What else the program sees is as without the shim.
#include <gtest/gtest.h>

#include "tests/preload/script.h"

namespace sockopt::test {
namespace {

struct Shape {
  const char* name;
  Script steps;  // that make a socket called `s`
  bool mptcp = false;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const Script kDualListener = {"socket l inet6 stream 0", "set l 41 26 0",
                              "bind l ::", "listen l 5"};

const Shape kShapes[] = {
    {"protocol_0", {"socket s inet stream 0"}},
    {"protocol_tcp", {"socket s inet stream 6"}},
    {"cloexec", {"socket s inet stream|cloexec 0"}},
    {"nonblock", {"socket s inet stream|nonblock 6"}},
    {"cloexec_nonblock", {"socket s inet stream|cloexec|nonblock 0"}},
    {"inet6", {"socket s inet6 stream 0"}},
    {"inet6_cloexec_nonblock", {"socket s inet6 stream|cloexec|nonblock 6"}},
    {"mptcp", {"socket s inet stream 262"}, true},
    {"mptcp_inet6_cloexec", {"socket s inet6 stream|cloexec 262"}, true},
    {"listener", {"socket s inet stream 0", "bind s 127.0.0.1", "listen s 5"}},
    {"listener_inet6", {"socket s inet6 stream 0", "bind s ::1", "listen s 5"}},
    {"listener_unbound", {"socket s inet stream 0", "listen s 5"}},
    {"listener_mptcp", {"socket s inet stream 262", "bind s 127.0.0.1", "listen s 5"}, true},
    {"accept", tcp_listener() + Script{"client c l", "accept s l"}},
    {"accept_null", tcp_listener() + Script{"client c l", "accept s l null"}},
    {"accept4", tcp_listener() + Script{"client c l", "accept4 s l cloexec|nonblock"}},
    {"accept4_null", tcp_listener() + Script{"client c l", "accept4 s l none null"}},
    {"accept_inet6", tcp_listener(5, "inet6") + Script{"client c l", "accept s l"}},
    {"accept_dual_ipv6_peer", kDualListener + Script{"client c l", "accept s l"}},
    {"accept_dual_ipv4_peer", kDualListener + Script{"client c l 4", "accept s l"}},
    {"accept_mptcp", tcp_listener(5, "inet", "262") + Script{"client c l mptcp", "accept s l"},
     true},
    {"accept_mptcp_plain_peer", tcp_listener(5, "inet", "262") + Script{"client c l", "accept s l"},
     true},
    {"accept_mptcp_inet6",
     tcp_listener(5, "inet6", "262") + Script{"client c l mptcp", "accept4 s l cloexec"}, true},
    {"client", tcp_listener() + Script{"socket s inet stream 0", "connect s l"}},
    {"client_inet6", tcp_listener(5, "inet6") + Script{"socket s inet6 stream 0", "connect s l"}},
    {"client_mapped", kDualListener + Script{"socket s inet stream 0", "connect s l 4"}},
    {"client_mptcp",
     tcp_listener(5, "inet", "262") + Script{"socket s inet stream 262", "connect s l"}, true},
    {"client_bound",
     tcp_listener() + Script{"socket s inet stream|cloexec 0", "bind s 127.0.0.1", "connect s l"}},
    {"in_thread", {"thread", "socket s inet stream 0"}},
    {"accept_in_thread", tcp_listener() + Script{"client c l", "thread", "accept s l"}},
    {"in_child", {"fork", "socket s inet stream 0"}},
    {"accept_in_child", tcp_listener() + Script{"fork", "client c l", "accept s l"}},
    {"listen_in_child",
     {"socket l inet stream 0", "bind l 127.0.0.1", "fork", "listen l 5", "client c l",
      "accept s l"}},
    {"after_exec", {"exec", "socket s inet stream 0"}},
    {"moved", {"socket s inet stream 0", "dup2 s 700", "bind s 127.0.0.1", "listen s 5"}},
};

class Shapes : public ::testing::TestWithParam<Shape> {};

TEST_P(Shapes, HasItsOptionsAndTheProgramSeesNothing) {
  if (GetParam().mptcp && !has_mptcp()) GTEST_SKIP() << kSkipsWithoutMptcp;
  const Script script = GetParam().steps + Script{"flags s", "open-descriptors"};
  const Played without = play_plainly(script);
  const Script reading = GetParam().steps + Script{"get s 6 4", "get s 6 1", "get s 1 9"};
  const Played kernels = play_plainly(reading);
  ASSERT_EQ(kernels.number("get s 6 1"), 0);
  ASSERT_NE(kernels.number("get s 6 4"), 61);

  const Environment settings = {{"KEEPIDLE", "61s"}, {"NODELAY", "on"}, {"KEEPALIVE", "on"}};
  EXPECT_EQ(play_with(settings, script).lines, without.lines);
  const Played with = play_with(settings, reading);
  EXPECT_EQ(with.number("get s 6 4"), 61);
  EXPECT_EQ(with.number("get s 6 1"), 1);
  EXPECT_EQ(with.number("get s 1 9"), 1);
  EXPECT_EQ(with.error(), "");
}

INSTANTIATE_TEST_SUITE_P(, Shapes, ::testing::ValuesIn(kShapes),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace sockopt::test
