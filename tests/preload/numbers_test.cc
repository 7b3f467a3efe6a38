// SPDX-License-Identifier: MIT
//
// Descriptor numbers: 0 is one like any other, numbers are closed, reused and moved unseen, and the
// shim keeps none of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/preload/script.h"

namespace sockopt::test {
namespace {

const Environment kSettings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}, {"DEFER_ACCEPT", "0s"}};

// The actor with these descriptors closed; it prints to another.
Played play_without_descriptors(const std::vector<int>& closed, const Script& script,
                                Environment environment) {
  environment["ACTOR_OUT"] = "900";
  Command command = actor(script, environment);
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  command.descriptors[900] = ends[1];
  for (const int number : closed) command.descriptors[number] = Command::kClosed;
  Process process(command);
  ::close(ends[1]);
  Played played;
  char text[4096];
  std::string output;
  for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;) {
    output.append(text, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  const auto exit = process.wait();
  EXPECT_TRUE(exit && exit->success()) << output << process.error();
  for (std::size_t at = 0, end; (end = output.find('\n', at)) != output.npos; at = end + 1) {
    played.lines.push_back(output.substr(at, end - at));
  }
  played.finished.error = process.error();
  return played;
}

TEST(NumbersTest, ZeroIsOneLikeAnyOther) {
  const Script script = {
      "socket l inet stream 0", "bind l 127.0.0.1", "listen l 5",      "client c l", "accept a l",
      "socket s inet stream 0", "connect s l",      "open-descriptors"};
  const Script reading = {"get l 6 4", "backlog l", "get a 6 4", "get s 6 4"};
  const Played without = play_without_descriptors({0, 1, 2}, script, plain_environment());
  EXPECT_EQ(without.result("socket l inet stream 0"), "0 errno 4242");
  const Played with = play_without_descriptors({0, 1, 2}, script + reading, variables(kSettings));
  EXPECT_EQ(std::vector<std::string>(with.lines.begin(), with.lines.end() - 4), without.lines);
  EXPECT_EQ(with.number("get l 6 4"), 61);
  EXPECT_EQ(with.number("backlog l"), 1024);
  EXPECT_EQ(with.number("get a 6 4"), 61);
  EXPECT_EQ(with.number("get s 6 4"), 61);
}

TEST(NumbersTest, ZeroHasItsOptionsFromSocketOn) {
  const Played with = play_without_descriptors({0, 1, 2}, {"socket s inet stream 0", "get s 6 4"},
                                               variables(kSettings));
  EXPECT_EQ(with.result("socket s inet stream 0"), "0 errno 4242");
  EXPECT_EQ(with.number("get s 6 4"), 61);
}

TEST(NumbersTest, AnAcceptedSocketMayBeZero) {
  const Played with = play_without_descriptors(
      {}, tcp_listener() + Script{"client c l", "close 0", "accept a l", "get a 6 4", "get a 1 12"},
      variables({{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}}));
  EXPECT_EQ(with.result("accept a l"), "0 errno 4242");
  EXPECT_EQ(with.number("get a 6 4"), 61);
  EXPECT_EQ(with.number("get a 1 12"), 4);
}

TEST(NumbersTest, NoneIsOccupied) {
  const Script script = tcp_listener() + Script{"client c l", "accept a l", "open-descriptors"};
  const Environment faulty = {{"KEEPIDEL", "61s"}, {"KEEPIDLE", "61s"}, {"LOG", "debug"}};
  EXPECT_EQ(play_with(faulty, script).result("open-descriptors"),
            play_plainly(script).result("open-descriptors"));
}

TEST(NumbersTest, AreReusedByAnotherKindOfSocket) {
  const Script script = {"socket u unix stream 0",
                         "close u",
                         "socket t inet stream 0",
                         "close t",
                         "socket d inet dgram 0",
                         "close d",
                         "socket l inet stream 0",
                         "bind l 127.0.0.1",
                         "listen l 5",
                         "backlog l",
                         "get l 6 4"};
  const Played with = play_with(kSettings, script);
  EXPECT_EQ(with.number("backlog l"), 1024);
  EXPECT_EQ(with.number("get l 6 4"), 61);
}

TEST(NumbersTest, ATcpSocketMovedOntoThatOfAnother) {
  // Daemons dup2 their listeners to fixed places.
  const Script after = {"bind l 127.0.0.1", "listen l 5", "backlog l",
                        "client c l",       "accept a l", "get a 6 4"};
  for (const Script& before : {Script{"socket x unix stream 0"}, Script{"socket x inet dgram 0"},
                               Script{"socket x inet stream 0"}, Script{"pipe x"}}) {
    const Played with =
        play_with(kSettings, before + Script{"socket l inet stream 0", "dup2 l 3"} + after);
    EXPECT_EQ(with.number("backlog l"), 1024) << before[0];
    EXPECT_EQ(with.number("get a 6 4"), 61) << before[0];
  }
}

TEST(NumbersTest, AnInheritedListenerMovedOntoThatOfAClosedSocket) {
  // It was seen failing (EBADF) or as another kind before.
  for (const Script& before : {Script{"accept x 40"}, Script{"bind 40 127.0.0.1"}, Script{}}) {
    const Played with = play_with(
        kSettings, tcp_listener() + Script{"dup2 l 50", "exec", "fd l 50"} + before +
                       Script{"dup2 l 40", "client c l", "accept a l", "backlog l", "get a 6 4"});
    EXPECT_EQ(with.number("get a 6 4"), 61);
    EXPECT_EQ(with.number("backlog l"), 1024);
  }
}

TEST(NumbersTest, HighOnesWork) {
  const Played with =
      play_with(kSettings, {"socket l inet stream 0", "dup2 l 1000", "bind l 127.0.0.1",
                            "listen l 5", "backlog l", "client c l", "accept a l", "get a 6 4"});
  EXPECT_EQ(with.number("backlog l"), 1024);
  EXPECT_EQ(with.number("get a 6 4"), 61);
}

TEST(NumbersTest, AVforkedChildClosesItsCopies) {
  // Such a child shares the memory: what it does to its descriptors must not confuse the parent.
  const Script script = tcp_listener() + Script{"vfork", "client c l", "accept a l", "listen l 6"};
  const Played without = play_plainly(script);
  ASSERT_EQ(without.result("vfork"), "0");
  EXPECT_EQ(play_with(kSettings, script).lines, without.lines);
  const Played with =
      play_with(kSettings, script + Script{"backlog l", "get a 6 4", "set l 6 4 30", "vfork",
                                           "client d l", "accept b l", "get b 6 4"});
  EXPECT_EQ(with.number("backlog l"), 1024);
  EXPECT_EQ(with.number("get a 6 4"), 61);
}

}  // namespace
}  // namespace sockopt::test
