// SPDX-License-Identifier: MIT
//
// `ignore`: what the program sets itself is not set, and the kernel keeps tuning what it tunes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "shim/options/table.h"
#include "shim/options/value.h"
#include "shim/text/text.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

const Environment kIgnoring = {{"RCVBUF", "ignore"}, {"SNDBUF", "ignore"}, {"KEEPIDLE", "ignore"}};

TEST(IgnoreTest, TheProgramsCallSucceedsAndChangesNothing) {
  const Script read = {"get s SO_RCVBUF", "get s SO_SNDBUF", "get s SO_BUF_LOCK",
                       "get s TCP_KEEPIDLE"};
  const Played untouched = play_plainly(Script{"socket s inet"} + read);
  const Played with = play_with(
      kIgnoring, Script{"socket s inet", "set s SO_RCVBUF 65536", "set s SO_RCVBUFFORCE 65536",
                        "set s SO_SNDBUF 65536", "set s TCP_KEEPIDLE 30"} +
                     read);
  for (const char* step : {"set s SO_RCVBUF 65536", "set s SO_RCVBUFFORCE 65536",
                           "set s SO_SNDBUF 65536", "set s TCP_KEEPIDLE 30"}) {
    EXPECT_EQ(with.result(step), "0") << step;
  }
  for (const std::string& step : read) EXPECT_EQ(with.result(step), untouched.result(step)) << step;
  EXPECT_EQ(with.error(), "");
}

// What the kernel refuses whatever the value is, and what is no TCP socket.
TEST(IgnoreTest, FaultsAndOtherSocketsAreTheKernels) {
  const Script script = {"socket s inet",
                         "set-null s SO_RCVBUF",
                         "fd b 77",
                         "set b SO_RCVBUF 65536",
                         "socket u inet dgram",
                         "set u SO_RCVBUF 65536",
                         "get u SO_RCVBUF",
                         "socket x unix",
                         "set x SO_RCVBUF 65536",
                         "get x SO_RCVBUF",
                         "pipe p",
                         "set p SO_RCVBUF 65536",
                         "set s IPV6_UNICAST_HOPS 5"};
  Environment settings = kIgnoring;
  settings["TTL"] = "ignore";
  EXPECT_EQ(play_with(settings, script).lines, play_plainly(script).lines);
}

// As many bytes as the kernel would read: of a name no more than up to its end, of a number none
// behind it.
TEST(IgnoreTest, WhatCannotBeReadIsTheKernelsToRefuse) {
  Environment settings;
  for (const char* key :
       {"CONGESTION", "BINDTODEVICE", "MAX_PACING_RATE", "KEEPIDLE", "LINGER", "TTL"}) {
    settings[key] = "ignore";
  }
  const Finished without = run({.argv = {victim("page_end")}, .environment = plain_environment()});
  const Finished with = run({.argv = {victim("page_end")}, .environment = variables(settings)});
  EXPECT_NE(without.output.find("congestion 5: 6 7 8"), std::string::npos) << without.output;
  EXPECT_EQ(with.output, without.output);
  EXPECT_EQ(with.error, "");
}

// Whatever has become of the socket, what it refuses with a sound value it refuses now.
TEST(IgnoreTest, WhatComesTooLateIsTheKernelsToRefuse) {
  Environment settings;
  Script sets;
  for (const Row& row : kRows) {
    const Option& option = row.option;
    if (!option.is_socket_option()) continue;
    if (option.privilege != Privilege::kNone && geteuid() != 0) continue;
    std::string key(option.key.view());
    std::transform(key.begin(), key.end(), key.begin(), [](char c) { return to_upper(c); });
    settings[key] = "ignore";
    Value value{};
    TextOf<200> error;
    ASSERT_TRUE(parse_value(option, row.manual.example, value, error)) << key;
    if (value.length() != sizeof(int)) continue;
    for (const KernelName name : {option.ipv4, option.ipv6}) {
      if (!name.exists()) continue;
      for (const char* socket : {"fresh", "bound", "l", "c", "a"}) {
        sets.push_back("set " + std::string(socket) + ' ' + std::to_string(name.level) + ':' +
                       std::to_string(name.name) + ' ' +
                       std::to_string(value.number(Kind::kMask) & 0xffffffff));
      }
    }
  }
  for (const std::string kind : {"inet", "inet6", "inet mptcp", "inet6 mptcp"}) {
    SCOPED_TRACE(kind);
    const bool mptcp = kind.ends_with("mptcp");
    const std::string family = kind.substr(0, kind.find(' '));
    const std::string made = family + (mptcp ? " stream mptcp" : "");
    const Script script =
        Script("listener l 5 " + kind) +
        Script{"socket c " + made,
               "connect c l",
               "accept a l",
               "socket fresh " + made,
               "socket bound " + made,
               "bind bound " + std::string(family == "inet" ? "127.0.0.1" : "::1")} +
        sets;
    EXPECT_EQ(play_with(settings, script).lines, play_plainly(script).lines);
  }
}

struct Buffer {
  int first = 0;
  int last = 0;
  int locked = -1;
};

Buffer pinned(const Environment& environment) {
  const Finished finished = run({.argv = {victim("pinned")}, .environment = environment});
  EXPECT_TRUE(finished.success()) << finished.error;
  Buffer buffer;
  EXPECT_EQ(std::sscanf(finished.output.c_str(), "first %d last %d locked %d", &buffer.first,
                        &buffer.last, &buffer.locked),
            3)
      << finished.output;
  return buffer;
}

TEST(IgnoreTest, AServerThatPinsItsBuffersGetsTheTuningBack) {
  const Buffer fixed = pinned(plain_environment());
  if (fixed.locked < 0) GTEST_SKIP() << "this kernel does not tell whether a buffer is pinned";
  EXPECT_EQ(fixed.locked, 3);
  EXPECT_EQ(fixed.last, fixed.first);
  const Buffer tuned = pinned(variables(kIgnoring));
  EXPECT_EQ(tuned.locked, 0);
  EXPECT_GT(tuned.last, tuned.first) << "64 MiB came through it";
}

// What comes in a round trip, which times the round trips a second is how fast it is.
long under_way(const Environment& environment) {
  const Finished finished = run({.argv = {victim("far")}, .environment = environment});
  EXPECT_TRUE(finished.success()) << finished.error;
  long bytes = -1;
  EXPECT_EQ(std::sscanf(finished.output.c_str(), "under way %ld", &bytes), 1) << finished.output;
  return bytes;
}

TEST(IgnoreTest, AServerThatIsFarAwayReceivesAsFastAsTheLinkAllows) {
  SOCKOPT_NEEDS_ROOT("makes network namespaces and tunnels");
  if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "there is no /dev/net/tun";
  const long pinned = under_way(plain_environment());
  const long tuned = under_way(variables(kIgnoring));
  EXPECT_LT(pinned, 160'000) << "a buffer of 64 KiB";
  EXPECT_GT(tuned, 4 * pinned);
}

}  // namespace
}  // namespace sockopt::test
