// SPDX-License-Identifier: MIT
//
// Others in the same process: constructors that run before ours, libraries loaded later, other
// shims before and behind, allocators, threads that are cancelled.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/paths.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

Environment preloading(const std::vector<std::string>& libraries, const Environment& settings) {
  Environment environment = variables(settings);
  std::string list;
  for (const std::string& one : libraries) list += (list.empty() ? "" : ":") + one;
  environment["LD_PRELOAD"] = list;
  return environment;
}

const Environment kSettings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}};

Finished run_victim(const std::vector<std::string>& argv, const Environment& environment) {
  const Finished finished = run({.argv = argv, .environment = environment});
  EXPECT_TRUE(finished.success()) << finished.output << finished.error;
  return finished;
}

TEST(ChainTest, AConstructorThatRunsBeforeOurs) {
  const Finished behind = run_victim({victim("actor"), "socket s inet", "get s TCP_KEEPIDLE"},
                                     preloading({library(), victim("libearly.so")}, kSettings));
  EXPECT_EQ(behind.output, "early 3 keepidle 61\nsocket s inet = 3\nget s TCP_KEEPIDLE = 61\n");
  const Finished before = run_victim({victim("actor"), "socket s inet", "get s TCP_KEEPIDLE"},
                                     preloading({victim("libearly.so"), library()}, kSettings));
  EXPECT_EQ(before.output, behind.output);
}

TEST(ChainTest, BeforeAnyConstructor) {
  const Finished finished = run_victim({victim("preinit")}, preloading({library()}, kSettings));
  EXPECT_EQ(finished.output, "listener 3 keepidle 61\n");
}

TEST(ChainTest, ALibraryLoadedLater) {
  const Finished finished =
      run_victim({victim("loads_late"), victim("liblate.so")}, preloading({library()}, kSettings));
  EXPECT_EQ(finished.output, "late keepidle 61\n");
}

TEST(ChainTest, OtherShimsAreCalledInBothOrders) {
  const Script script =
      "listener l; client c l; accept a l; get a TCP_KEEPIDLE; client d l; "
      "accept4 b l cloexec; socket s inet; connect s l; set s TCP_KEEPCNT 7; "
      "backlog l";
  std::vector<std::string> argv = {victim("actor")};
  argv.insert(argv.end(), script.begin(), script.end());
  // Behind ours it also sees what we set: one option on each of two sockets, beside the program's.
  const Finished behind =
      run_victim(argv, preloading({library(), victim("libcounting.so")}, kSettings));
  EXPECT_EQ(occurrences(behind.output,
                        "counted socket 2 bind 1 listen 1 connect 1 accept 1 accept4 "
                        "1 setsockopt 3\n"),
            1)
      << behind.output;
  const Finished before =
      run_victim(argv, preloading({victim("libcounting.so"), library()}, kSettings));
  EXPECT_EQ(occurrences(before.output,
                        "counted socket 2 bind 1 listen 1 connect 1 accept 1 accept4 "
                        "1 setsockopt 1\n"),
            1)
      << before.output;
  for (const Finished* finished : {&behind, &before}) {
    EXPECT_EQ(occurrences(finished->output, "get a TCP_KEEPIDLE = 61\n"), 1);
    EXPECT_EQ(occurrences(finished->output, "backlog l = 1024\n"), 1);
  }
}

// As they come from other linkers: the shim looks names up by itself.
TEST(ChainTest, AnotherShimWithTheOlderHashTableIsCalled) {
  const std::string other = victim("libcounting_by_hash.so");
  const std::string tables = run({.argv = {"readelf", "--dynamic", other}}).output;
  if (tables.find("GNU_HASH") != std::string::npos || tables.find("(HASH)") == std::string::npos) {
    GTEST_SKIP() << "the linker does not write the table of --hash-style=sysv";
  }
  const Finished finished =
      run_victim({victim("actor"), "socket s inet", "bind s 127.0.0.1", "listen s 5", "client c s",
                  "accept a s", "get a TCP_KEEPIDLE"},
                 preloading({library(), other}, kSettings));
  EXPECT_EQ(occurrences(finished.output, "get a TCP_KEEPIDLE = 61\n"), 1) << finished.output;
  EXPECT_EQ(occurrences(finished.output,
                        "counted socket 1 bind 1 listen 1 connect 0 accept 1 accept4 "
                        "0 setsockopt 1\n"),
            1)
      << finished.output;
}

TEST(ChainTest, LoadedTwice) {
  const TemporaryDirectory directory;
  const auto copy = directory / "libsockopt.so";
  std::filesystem::copy_file(library(), copy);
  const Finished finished = run_victim({victim("actor"), "socket s inet", "get s TCP_KEEPIDLE"},
                                       preloading({library(), copy}, kSettings));
  EXPECT_EQ(occurrences(finished.output, "get s TCP_KEEPIDLE = 61"), 1) << finished.output;
}

TEST(ChainTest, AnAllocatorThatOpensSockets) {
  for (const auto& order : {std::vector<std::string>{library(), victim("liballocator.so")},
                            std::vector<std::string>{victim("liballocator.so"), library()}}) {
    const Finished finished = run_victim({victim("actor"), "socket s inet", "get s TCP_KEEPIDLE"},
                                         preloading(order, kSettings));
    EXPECT_EQ(occurrences(finished.output, "get s TCP_KEEPIDLE = 61"), 1) << finished.output;
  }
}

TEST(ChainTest, Jemalloc) {
  const std::string jemalloc = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2";
  if (access(jemalloc.c_str(), R_OK) != 0) GTEST_SKIP() << jemalloc << " is not installed";
  const Finished finished = run_victim({victim("actor"), "socket s inet", "get s TCP_KEEPIDLE"},
                                       preloading({library(), jemalloc}, kSettings));
  EXPECT_EQ(occurrences(finished.output, "get s TCP_KEEPIDLE = 61"), 1) << finished.output;
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
      play_with(kSettings, "listener l 64; clients l 40; accept-threads l 8 40 TCP_KEEPIDLE");
  EXPECT_EQ(occurrences(with.result("accept-threads l 8 40 TCP_KEEPIDLE"), "61"), 40);
}

// What the file exports and needs.

std::string output_of(const std::vector<std::string>& argv) {
  const Finished finished = run({.argv = argv});
  EXPECT_TRUE(finished.success()) << finished.error;
  return finished.output;
}

TEST(ChainTest, ExportsItsHooksAndNothingElse) {
  const std::string symbols =
      output_of({"nm", "--dynamic", "--defined-only", "--format=just-symbols", library()});
  for (const char* hook :
       {"socket", "bind", "listen", "connect", "accept", "accept4", "setsockopt"}) {
    EXPECT_NE(("\n" + symbols).find(std::string("\n") + hook + "\n"), std::string::npos) << hook;
  }
  for (const char* generic : {"debug", "init", "log", "sockopt", "ini_", "_Z"}) {
    EXPECT_EQ(("\n" + symbols).find(std::string("\n") + generic), std::string::npos) << symbols;
  }
}

}  // namespace
}  // namespace sockopt::test
