// SPDX-License-Identifier: MIT
//
// Others in the same process: constructors that run before ours, libraries loaded later, other
// shims before and behind, allocators, threads that are cancelled.
#include <gtest/gtest.h>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

const std::string kCounting = victim("libcounting.so");
const Environment kChainSettings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}};

Finished run_victim(const std::vector<std::string>& argv, const Environment& environment) {
  const Finished finished = run({.argv = argv, .environment = environment});
  EXPECT_TRUE(finished.success()) << finished.output << finished.error;
  return finished;
}

const Script kOneSocket = "socket s inet = 3; get s TCP_KEEPIDLE = 61";

TEST(ChainTest, AConstructorThatRunsBeforeOurs) {
  for (const auto& order : both_orders(victim("libearly.so"))) {
    EXPECT_EQ(play(kOneSocket, preloading(order, kChainSettings)).lines[0], "early 3 keepidle 61");
  }
}

// One of them opens a socket, and another one, which stands between it and us, is not ready yet.
TEST(ChainTest, AShimBehindOursIsNotCalledBeforeItsConstructor) {
  const Environment environment =
      preloading({library(), victim("libunready.so"), victim("libearly.so")}, {});
  const Script begin =
      "listener l 5; dup2 l 0; setenv SOCKOPT_KEEPIDLE 61s; setenv SOCKOPT_BACKLOG 9";
  const Script again = {"exec", "fd g 0", "backlog g = 9", "get g TCP_KEEPIDLE = 61"};
  // In main it is called, for the program's option and for ours.
  const Script last = "socket s inet; set s TCP_KEEPCNT 7; get s TCP_KEEPIDLE = 61";
  const Played played = play(begin + again + last, environment);
  EXPECT_EQ(played.lines.back(), "unready setsockopt 2");
}

TEST(ChainTest, BeforeAnyConstructor) {
  const Finished finished =
      run_victim({victim("preinit")}, preloading({library()}, kChainSettings));
  EXPECT_EQ(finished.output, "listener 3 keepidle 61\n");
}

TEST(ChainTest, ALibraryLoadedLater) {
  const Finished finished = run_victim({victim("loads_late"), victim("liblate.so")},
                                       preloading({library()}, kChainSettings));
  EXPECT_EQ(finished.output, "late keepidle 61\n");
}

TEST(ChainTest, OtherShimsAreCalledInBothOrders) {
  // Behind ours it also sees what we set: one option on each of two sockets, beside the program's.
  for (const auto& [order, set] : {std::pair{std::vector<std::string>{library(), kCounting}, 3},
                                   std::pair{std::vector<std::string>{kCounting, library()}, 1}}) {
    const Played with = play(
        "listener l; client c l; accept a l; get a TCP_KEEPIDLE = 61; backlog l = 1024;"
        "client d l; accept4 b l cloexec; socket s inet; connect s l; set s TCP_KEEPCNT 7",
        preloading(order, kChainSettings));
    EXPECT_EQ(with.lines.back(),
              "counted socket 2 bind 1 listen 1 connect 1 accept 1 accept4 1 setsockopt " +
                  std::to_string(set));
  }
}

// Each of its sockets is a new one for us, too, on which we set what that shim then opens one for.
TEST(ChainTest, AShimThatOpensASocketForEachOptionOpensOne) {
  for (const auto& order : both_orders(victim("libnesting.so"))) {
    play(
        "socket s inet = 3; get s TCP_KEEPIDLE = 61; set s TCP_KEEPCNT 7 = 0; get s TCP_KEEPCNT = "
        "7;"
        "listener l; backlog l = 1024; client c l; accept a l; get a TCP_KEEPIDLE = 61",
        preloading(order, kChainSettings));
  }
}

// mptcpize behind us: we take the socket for TCP until listen.
TEST(ChainTest, WhatTheProgramSetsStandsOnASocketThatAnotherShimMadeMptcp) {
  SOCKOPT_NEEDS_MPTCP();
  for (const auto& order : both_orders(victim("libas_mptcp.so"))) {
    play(
        "socket l inet; set l TCP_KEEPIDLE 33; bind l 127.0.0.1; listen l 5;"
        "get l SO_PROTOCOL = 262; get l TCP_KEEPIDLE = 33; get l TCP_KEEPINTVL = 9;"
        "client c l; accept a l; get a TCP_KEEPIDLE = 33",
        preloading(order, {{"KEEPIDLE", "61s"}, {"KEEPINTVL", "9s"}}));
  }
}

// proxychains and tsocks: whichever stands in front, what [sockopt] says arrives, though a rule was
// to decide by the address.
TEST(ChainTest, AnotherShimThatMovesSocketsLosesNothingOfTheBase) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini",
                                    "[sockopt]\nkeepidle = 61s\nkeepcnt = 5\n"
                                    "[rule db]\nconnect = 127.0.0.0/8\nkeepidle = 30s\n");
  const Environment settings = {{"CONFIG", file}};
  const Script script = "listener l; socket s inet; connect s l; get s TCP_KEEPCNT = 5";
  const std::string moving = victim("libmoving.so");
  play(script + Script("get s TCP_KEEPIDLE = 61"), preloading({library(), moving}, settings));
  play(script + Script("get s TCP_KEEPIDLE = 30"), preloading({moving, library()}, settings));
}

// As they come from other linkers.
TEST(ChainTest, AnotherShimWithTheOlderHashTableIsCalled) {
  const std::string other = victim("libcounting_by_hash.so");
  const std::string tables = run({.argv = {"readelf", "--dynamic", other}}).output;
  if (tables.find("GNU_HASH") != std::string::npos || tables.find("(HASH)") == std::string::npos) {
    GTEST_SKIP() << "the linker does not write the table of --hash-style=sysv";
  }
  const Played with = play("listener l; client c l; accept a l; get a TCP_KEEPIDLE = 61",
                           preloading({library(), other}, kChainSettings));
  EXPECT_EQ(with.lines.back(),
            "counted socket 1 bind 1 listen 1 connect 0 accept 1 accept4 0 setsockopt 1");
}

TEST(ChainTest, LoadedTwice) {
  const TemporaryDirectory directory;
  const auto copy = directory / "libsockopt.so";
  std::filesystem::copy_file(library(), copy);
  play(kOneSocket, preloading({library(), copy}, kChainSettings));
}

TEST(ChainTest, AnAllocatorThatOpensSockets) {
  for (const auto& order : both_orders(victim("liballocator.so"))) {
    play("socket s inet; get s TCP_KEEPIDLE = 61", preloading(order, kChainSettings));
  }
}

TEST(ChainTest, ThreadsThatBlockInAcceptCanBeCancelled) {
  const Environment faulty = {
      {"KEEPIDLE", "61s"}, {"PRIORITY", "4"}, {"NONSENSE", "1"}, {"CONGESTION", "nosuch"}};
  const Finished without = run_victim({victim("cancelled")}, plain_environment());
  EXPECT_EQ(occurrences(without.output, "cancelled"), 10);
  EXPECT_EQ(occurrences(without.output, "leaked 0"), 1);
  EXPECT_EQ(run_victim({victim("cancelled")}, variables(faulty)).output, without.output);
}

TEST(ChainTest, ThreadsOpenSocketsAtOnce) {
  const Played with =
      play_with(kChainSettings, "listener l 64; clients l 40; accept-threads l 8 40 TCP_KEEPIDLE");
  EXPECT_EQ(occurrences(with.result("accept-threads l 8 40 TCP_KEEPIDLE"), "61"), 40);
}

}  // namespace
}  // namespace sockopt::test
