// SPDX-License-Identifier: MIT
//
// Descriptor numbers: 0 is one like any other, numbers are closed, reused and moved unseen, and the
// shim keeps none of its own.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

const Environment kNumberSettings = {
    {"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}, {"DEFER_ACCEPT", "0s"}};

// The actor without standard input, output and error.
Played play_without_descriptors(const Script& script, const Environment& environment) {
  Command command = actor(script, environment);
  for (const int number : {0, 1, 2}) command.descriptors[number] = Command::kClosed;
  return play_aside(command);
}

TEST(NumbersTest, ZeroIsOneLikeAnyOther) {
  const Script script =
      "socket l inet; bind l 127.0.0.1; listen l 5; client c l; accept a l; "
      "socket s inet; connect s l; open-descriptors";
  const Script reading =
      "get l TCP_KEEPIDLE = 61; backlog l = 1024; get a TCP_KEEPIDLE = 61; "
      "get s TCP_KEEPIDLE = 61";
  const Played without = play_without_descriptors(script, plain_environment());
  EXPECT_EQ(without.result("socket l inet"), "0");
  const Played with = play_without_descriptors(script + reading, variables(kNumberSettings));
  EXPECT_EQ(std::vector<std::string>(with.lines.begin(), with.lines.end() - 4), without.lines);
}

TEST(NumbersTest, ZeroHasItsOptionsFromSocketOn) {
  play_without_descriptors("socket s inet = 0; get s TCP_KEEPIDLE = 61",
                           variables(kNumberSettings));
}

TEST(NumbersTest, AnAcceptedSocketMayBeZero) {
  play_with({{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}},
            "listener l; client c l; close 0; accept a l = 0; "
            "get a TCP_KEEPIDLE = 61; get a SO_PRIORITY = 4");
}

TEST(NumbersTest, NoneIsOccupied) {
  const Script script = "listener l; client c l; accept a l; open-descriptors";
  const Environment faulty = {{"KEEPIDEL", "61s"}, {"KEEPIDLE", "61s"}, {"LOG", "debug"}};
  EXPECT_EQ(play_with(faulty, script).result("open-descriptors"),
            play_plainly(script).result("open-descriptors"));
}

TEST(NumbersTest, AreReusedByAnotherKindOfSocket) {
  const Script script =
      "socket u unix; close u; socket t inet; close t; socket d inet dgram; close d; "
      "socket l inet; bind l 127.0.0.1; listen l 5; backlog l = 1024; "
      "get l TCP_KEEPIDLE = 61";
  play_with(kNumberSettings, script);
}

TEST(NumbersTest, ATcpSocketMovedOntoThatOfAnother) {
  // Daemons dup2 their listeners to fixed places.
  const Script after =
      "bind l 127.0.0.1; listen l 5; backlog l; client c l; accept a l; "
      "get a TCP_KEEPIDLE";
  for (const std::string before :
       {"socket x unix", "socket x inet dgram", "socket x inet", "pipe x"}) {
    const Played with =
        play_with(kNumberSettings, Script(before) + "socket l inet; dup2 l 3" + after);
    EXPECT_EQ(with.number("backlog l"), 1024) << before;
    EXPECT_EQ(with.number("get a TCP_KEEPIDLE"), 61) << before;
  }
}

TEST(NumbersTest, AnInheritedListenerMovedOntoThatOfAClosedSocket) {
  // It was seen failing (EBADF) or as another kind before.
  for (const std::string before : {"accept x 40", "bind 40 127.0.0.1", ""}) {
    play_with(kNumberSettings,
              Script("listener l; dup2 l 50; exec; fd l 50") + before +
                  "dup2 l 40; client c l; accept a l; backlog l = 1024; get a TCP_KEEPIDLE = 61");
  }
}

TEST(NumbersTest, HighOnesWork) {
  play_with(kNumberSettings,
            "socket l inet; dup2 l 1000; bind l 127.0.0.1; listen l 5; backlog l = 1024; "
            "client c l; accept a l; get a TCP_KEEPIDLE = 61");
}

TEST(NumbersTest, AVforkedChildClosesItsCopies) {
  // Such a child shares the memory: what it does to its descriptors must not confuse the parent.
  const Script script = "listener l; vfork; client c l; accept a l; listen l 6";
  const Played without = play_plainly(script);
  ASSERT_EQ(without.result("vfork"), "0");
  EXPECT_EQ(play_with(kNumberSettings, script).lines, without.lines);
  play_with(kNumberSettings,
            script +
                "backlog l = 1024; get a TCP_KEEPIDLE = 61; set l TCP_KEEPIDLE 30; vfork; "
                "client d l; accept b l; get b TCP_KEEPIDLE");
}

}  // namespace
}  // namespace sockopt::test
