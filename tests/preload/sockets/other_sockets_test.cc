// SPDX-License-Identifier: MIT
//
// What is not TCP or MPTCP is left alone. SO_ and IP_ options succeed on UDP, UNIX and raw sockets,
// so nothing but the socket's protocol can decide; and where the arguments of socket(2) tell it, no
// system call is added at all.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

// What such sockets would take if they were tried.
const Environment kSettings = {
    {"KEEPALIVE", "on"},     {"PRIORITY", "4"},
    {"TOS", "0x10"},         {"TTL", "33"},
    {"RCVBUF", "32K"},       {"SNDBUF", "32K"},
    {"REUSEADDR", "on"},     {"REUSEPORT", "on"},
    {"MARK", "7"},           {"FREEBIND", "on"},
    {"BACKLOG", "1024"},     {"BIND_ADDRESS_NO_PORT", "on"},
    {"RAW_1_10", "1"},       {"LINGER", "5s"},
    {"QUICKACK", "on"},      {"FASTOPEN_CONNECT", "on"},
    {"WINDOW_CLAMP", "64K"},
};

Script reading(const std::string& name) {
  Script script;
  for (const char* option :
       {"SO_KEEPALIVE", "SO_PRIORITY", "SO_RCVBUF", "SO_SNDBUF", "SO_REUSEADDR", "SO_REUSEPORT",
        "SO_MARK", "SO_OOBINLINE", "SO_LINGER", "IP_TOS", "IP_TTL", "IP_FREEBIND",
        "IP_BIND_ADDRESS_NO_PORT", "IPV6_TCLASS", "IPV6_UNICAST_HOPS"}) {
    script.push_back("get " + name + " " + option);
  }
  return script;
}

// They make sockets `s`, and perhaps `t` and `a`.
const NamedScript kOtherSockets[] = {
    {"udp", "socket s inet dgram; bind s 127.0.0.1; socket t inet dgram udp; connect t s"},
    {"udp_inet6", "socket s inet6 dgram|cloexec; bind s ::1; socket t inet6 dgram; connect t s"},
    {"unix_stream",
     "socket s unix; bind s unix:@sockopt-untouched-%; listen s 5; socket t unix; "
     "connect t s; accept a s"},
    {"unix_accept4",
     "socket s unix stream|cloexec; bind s unix:@sockopt-untouched4-%; listen s 5; "
     "socket t unix; connect t s; accept4 t s cloexec"},
    {"unix_seqpacket",
     "socket s unix seqpacket; bind s unix:@sockopt-seqpacket-%; listen s 5; "
     "socket t unix seqpacket; connect t s"},
    {"unix_dgram",
     "socket s unix dgram; bind s unix:@sockopt-dgram-%; socket t unix dgram; "
     "connect t s"},
    {"raw", "socket s inet raw icmp; socket t inet6 raw icmpv6"},
    {"raw_tcp", "socket s inet raw tcp; bind s 127.0.0.1; connect s 127.0.0.1"},
    {"netlink", "socket s netlink raw; bind s netlink; socket t netlink dgram"},
    {"vsock", "socket s vsock; bind s vsock; listen s 5"},
    {"udplite", "socket s inet dgram udplite; bind s 127.0.0.1"},
    {"sctp", "socket s inet stream sctp; socket t inet seqpacket sctp"},
    {"pipe", "pipe s"},
    {"socketpair", "socketpair s"},
};

class Untouched : public ::testing::TestWithParam<NamedScript> {
 protected:
  void SetUp() override {
    if (std::string_view(GetParam().name).starts_with("raw") && geteuid() != 0) {
      GTEST_SKIP() << "raw sockets need CAP_NET_RAW";
    }
  }
};

TEST_P(Untouched, KeepsWhatTheKernelGaveIt) {
  const Script script = GetParam().script + reading("s") + reading("t") + reading("a");
  const Played without = play_plainly(script);
  const Played with = play_with(kSettings, script);
  EXPECT_EQ(with.lines, without.lines);
  EXPECT_EQ(with.error(), "");
}

TEST_P(Untouched, CostsNoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const Script script = Script("mark") + GetParam().script + "mark";
  const Traced without = trace(script, plain_environment());
  EXPECT_EQ(trace(script, variables(kSettings)).calls, without.calls);
}

TEST_P(Untouched, AfterExec) {
  // Unknown to the new program: known only by asking, once.
  const Script script =
      GetParam().script +
      Script(
          "dup2 s 50; exec; fd s 50; connect s unix:@nobody; listen s 7; nonblock s; "
          "accept b s; bind s 127.0.0.1") +
      reading("s");
  EXPECT_EQ(play_with(kSettings, script).lines, play_plainly(script).lines);
}

INSTANTIATE_TEST_SUITE_P(, Untouched, ::testing::ValuesIn(kOtherSockets), by_name);

// A number that a TCP socket had says nothing about the socket that was moved onto it.
class MovedOnto : public ::testing::TestWithParam<NamedScript> {};

TEST_P(MovedOnto, TheNumberOfAClosedTcpSocket) {
  const Script script = GetParam().script + reading("s") + reading("a");
  EXPECT_EQ(play_with(kSettings, script).lines, play_plainly(script).lines);
}

const NamedScript kMoved[] = {
    {"udp_bind", "socket x inet; socket s inet dgram; dup2 s 3; bind s 127.0.0.1"},
    {"udp_connect", "socket x inet; socket s inet dgram; dup2 s 3; connect s 127.0.0.1:9"},
    {"udp_gives_up",
     "socket x inet; socket s inet dgram; dup2 s 3; connect s 127.0.0.1:9; disconnect s"},
    {"udp_gives_up_on_a_clients_number",
     "socket x inet; connect x 127.0.0.1:1; socket s inet dgram; dup2 s 3; "
     "connect s 127.0.0.1:9; disconnect s; disconnect s"},
    {"unix_gives_up", "socket x inet; socket s unix dgram; dup2 s 3; disconnect s"},
    {"unix_listen",
     "socket x inet; socket s unix; bind s unix:@sockopt-moved-%; dup2 s 3; "
     "listen s 5; socket c unix; connect c s; accept a s"},
    {"unix_on_listener",
     "socket x inet; bind x 127.0.0.1; listen x 5; socket s unix; "
     "bind s unix:@sockopt-moved2-%; listen s 5; dup2 s 3; socket c unix; "
     "connect c s; accept a s"},
};

INSTANTIATE_TEST_SUITE_P(, MovedOnto, ::testing::ValuesIn(kMoved), by_name);

}  // namespace
}  // namespace sockopt::test
