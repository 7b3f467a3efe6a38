// SPDX-License-Identifier: MIT
//
// What the program sets itself stands, before or after what the shim sets, at whichever call the
// shim's turn comes. The actor passes values in memory that cannot be written to.
#include <gtest/gtest.h>

#include "tests/preload/script.h"

namespace sockopt::test {
namespace {

TEST(OwnSettingsTest, AfterSocket) {
  const Played with = play_with({{"KEEPIDLE", "61s"}, {"NODELAY", "on"}},
                                {"socket l inet stream 0", "set l 6 4 30", "bind l 127.0.0.1",
                                 "listen l 5", "get l 6 4", "get l 6 1"});
  EXPECT_EQ(with.result("set l 6 4 30"), "0 errno 4242");
  EXPECT_EQ(with.number("get l 6 4"), 30);
  EXPECT_EQ(with.number("get l 6 1"), 1);
}

TEST(OwnSettingsTest, BeforeListenWhatIsSetAtListen) {
  const Script script = {"socket l inet stream 0",
                         "bind l 127.0.0.1",
                         "set l 6 9 20",
                         "set l 6 23 16",
                         "set l 1 10 1",
                         "listen l 5",
                         "get l 6 9",
                         "get l 6 23",
                         "get l 1 10"};
  const Played without = play_plainly(script);
  const Played with =
      play_with({{"DEFER_ACCEPT", "200s"}, {"FASTOPEN", "256"}, {"RAW_1_10", "0"}}, script);
  EXPECT_EQ(with.number("get l 6 9"), without.number("get l 6 9"));
  EXPECT_EQ(with.number("get l 6 23"), 16);
  EXPECT_EQ(with.number("get l 1 10"), 1);
}

TEST(OwnSettingsTest, AfterListen) {
  const Played with = play_with({{"KEEPIDLE", "61s"}, {"DEFER_ACCEPT", "200s"}},
                                tcp_listener() + Script{"set l 6 4 30", "set l 6 9 0", "client c l",
                                                        "accept a l", "get a 6 4", "get l 6 9"});
  EXPECT_EQ(with.number("get a 6 4"), 30);
  EXPECT_EQ(with.number("get l 6 9"), 0);
}

TEST(OwnSettingsTest, AreNotRepeatedByALaterListen) {
  const Played with =
      play_with({{"KEEPIDLE", "61s"}, {"DEFER_ACCEPT", "200s"}, {"QUICKACK", "off"}},
                tcp_listener() +
                    Script{"set l 6 4 30", "set l 6 9 0", "listen l 6", "get l 6 4", "get l 6 9"});
  EXPECT_EQ(with.number("get l 6 4"), 30);
  EXPECT_EQ(with.number("get l 6 9"), 0);
}

TEST(OwnSettingsTest, OnAClientBeforeAndAfterConnect) {
  const Played with =
      play_with({{"KEEPIDLE", "61s"}, {"KEEPCNT", "5"}, {"FASTOPEN_CONNECT", "on"}},
                tcp_listener() + Script{"socket s inet stream 0", "set s 6 4 30", "set s 6 30 0",
                                        "connect s l", "set s 6 6 7", "get s 6 4", "get s 6 30",
                                        "get s 6 6"});
  EXPECT_EQ(with.number("get s 6 4"), 30);
  EXPECT_EQ(with.number("get s 6 30"), 0);
  EXPECT_EQ(with.number("get s 6 6"), 7);
}

TEST(OwnSettingsTest, OnAnAcceptedSocketStand) {
  const Played with = play_with({{"PRIORITY", "4"}},
                                tcp_listener() + Script{"client c l", "accept a l", "get a 1 12",
                                                        "set a 1 12 2", "get a 1 12"});
  EXPECT_EQ(with.number("get a 1 12"), 2);
}

TEST(OwnSettingsTest, ThatFailedDoNotCount) {
  const Played with = play_with(
      {{"DEFER_ACCEPT", "200s"}},
      {"socket l inet stream 0", "set-null l 6 9", "bind l 127.0.0.1", "listen l 5", "get l 6 9"});
  EXPECT_GE(with.number("get l 6 9"), 200);
}

TEST(OwnSettingsTest, OfAClosedDescriptorAreForgotten) {
  const Played with =
      play_with({{"DEFER_ACCEPT", "200s"}},
                {"socket a inet stream 0", "set a 6 9 0", "close a", "socket l inet stream 0",
                 "bind l 127.0.0.1", "listen l 5", "get l 6 9"});
  EXPECT_GE(with.number("get l 6 9"), 200);
}

TEST(OwnSettingsTest, DefaultLeavesTheOptionToTheKernel) {
  const Script script = {"socket s inet stream 0", "get s 6 4"};
  EXPECT_EQ(play_with({{"KEEPIDLE", "default"}}, script).lines, play_plainly(script).lines);
}

}  // namespace
}  // namespace sockopt::test
