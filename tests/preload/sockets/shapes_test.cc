// SPDX-License-Identifier: MIT
//
// Every TCP socket gets the options, whatever flags, family or protocol it was made with and by
// whichever road it came: a table of them. What else the program sees is as without the library.
#include <gtest/gtest.h>

#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

struct Shape {
  const char* name;
  Script steps;  // that make a socket called `s`
  bool mptcp = false;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

const Script kDualListener = "socket l inet6; set l IPV6_V6ONLY 0; bind l ::; listen l 5";

const Shape kShapes[] = {
    {"protocol_0", "socket s inet"},
    {"protocol_tcp", "socket s inet stream tcp"},
    {"cloexec", "socket s inet stream|cloexec"},
    {"nonblock", "socket s inet stream|nonblock tcp"},
    {"cloexec_nonblock", "socket s inet stream|cloexec|nonblock"},
    {"inet6", "socket s inet6"},
    {"inet6_cloexec_nonblock", "socket s inet6 stream|cloexec|nonblock tcp"},
    {"mptcp", "socket s inet stream mptcp", true},
    {"mptcp_inet6_cloexec", "socket s inet6 stream|cloexec mptcp", true},
    {"listener", "socket s inet; bind s 127.0.0.1; listen s 5"},
    {"listener_inet6", "socket s inet6; bind s ::1; listen s 5"},
    {"listener_unbound", "socket s inet; listen s 5"},
    {"listener_mptcp", "socket s inet stream mptcp; bind s 127.0.0.1; listen s 5", true},
    {"accept", "listener l; client c l; accept s l"},
    {"accept_null", "listener l; client c l; accept s l null"},
    {"accept4", "listener l; client c l; accept4 s l cloexec|nonblock"},
    {"accept4_null", "listener l; client c l; accept4 s l none null"},
    {"accept_inet6", "listener l inet6; client c l; accept s l"},
    {"accept_dual_ipv6_peer", kDualListener + "client c l; accept s l"},
    {"accept_dual_ipv4_peer", kDualListener + "client c l 4; accept s l"},
    {"accept_mptcp", "listener l mptcp; client c l mptcp; accept s l", true},
    {"accept_mptcp_plain_peer", "listener l mptcp; client c l; accept s l", true},
    {"accept_mptcp_inet6", "listener l inet6 mptcp; client c l mptcp; accept4 s l cloexec", true},
    {"client", "listener l; socket s inet; connect s l"},
    {"client_inet6", "listener l inet6; socket s inet6; connect s l"},
    {"client_mapped", kDualListener + "socket s inet; connect s l 4"},
    {"client_mptcp", "listener l mptcp; socket s inet stream mptcp; connect s l", true},
    {"client_bound", "listener l; socket s inet stream|cloexec; bind s 127.0.0.1; connect s l"},
    {"in_thread", "thread; socket s inet"},
    {"accept_in_thread", "listener l; client c l; thread; accept s l"},
    {"in_child", "fork; socket s inet"},
    {"accept_in_child", "listener l; fork; client c l; accept s l"},
    {"listen_in_child",
     "socket l inet; bind l 127.0.0.1; fork; listen l 5; client c l; accept s l"},
    {"after_exec", "exec; socket s inet"},
    {"moved", "socket s inet; dup2 s 700; bind s 127.0.0.1; listen s 5"},
};

class Shapes : public ::testing::TestWithParam<Shape> {};

TEST_P(Shapes, HasItsOptionsAndTheProgramSeesNothing) {
  if (GetParam().mptcp) SOCKOPT_NEEDS_MPTCP();
  const Script script = GetParam().steps + "flags s; open-descriptors";
  const Played without = play_plainly(script);
  const Script reading =
      GetParam().steps + "get s TCP_KEEPIDLE; get s TCP_NODELAY; get s SO_KEEPALIVE";
  const Played kernels = play_plainly(reading);
  ASSERT_EQ(kernels.number("get s TCP_NODELAY"), 0);
  ASSERT_NE(kernels.number("get s TCP_KEEPIDLE"), 61);

  const Environment settings = {{"KEEPIDLE", "61s"}, {"NODELAY", "on"}, {"KEEPALIVE", "on"}};
  EXPECT_EQ(play_with(settings, script).lines, without.lines);
  const Played with = play_with(settings, reading);
  EXPECT_EQ(with.number("get s TCP_KEEPIDLE"), 61);
  EXPECT_EQ(with.number("get s TCP_NODELAY"), 1);
  EXPECT_EQ(with.number("get s SO_KEEPALIVE"), 1);
  EXPECT_EQ(with.error(), "");
}

INSTANTIATE_TEST_SUITE_P(, Shapes, ::testing::ValuesIn(kShapes), by_name);

}  // namespace
}  // namespace sockopt::test
