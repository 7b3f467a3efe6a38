// SPDX-License-Identifier: MIT
//
// What the program sets itself stands, before or after what the library sets, at whichever call the
// shim's turn comes. The actor passes values in memory that cannot be written to.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

TEST(OwnSettingsTest, AfterSocket) {
  play_with({{"KEEPIDLE", "61s"}, {"NODELAY", "on"}},
            "socket l inet; set l TCP_KEEPIDLE 30 = 0; bind l 127.0.0.1; listen l 5; "
            "get l TCP_KEEPIDLE = 30; get l TCP_NODELAY = 1");
}

TEST(OwnSettingsTest, BeforeListenWhatIsSetAtListen) {
  const Script script =
      "socket l inet; bind l 127.0.0.1; set l TCP_DEFER_ACCEPT 20; "
      "set l TCP_FASTOPEN 16; set l SO_OOBINLINE 1; listen l 5; "
      "get l TCP_DEFER_ACCEPT; get l TCP_FASTOPEN; get l SO_OOBINLINE";
  const Played without = play_plainly(script);
  const Played with =
      play_with({{"DEFER_ACCEPT", "200s"}, {"FASTOPEN", "256"}, {"RAW_1_10", "0"}}, script);
  EXPECT_EQ(with.number("get l TCP_DEFER_ACCEPT"), without.number("get l TCP_DEFER_ACCEPT"));
  EXPECT_EQ(with.number("get l TCP_FASTOPEN"), 16);
  EXPECT_EQ(with.number("get l SO_OOBINLINE"), 1);
}

TEST(OwnSettingsTest, AfterListen) {
  play_with({{"KEEPIDLE", "61s"}, {"DEFER_ACCEPT", "200s"}},
            "listener l; set l TCP_KEEPIDLE 30; set l TCP_DEFER_ACCEPT 0; client c l; "
            "accept a l; get a TCP_KEEPIDLE = 30; get l TCP_DEFER_ACCEPT = 0");
}

TEST(OwnSettingsTest, AreNotRepeatedByALaterListen) {
  play_with({{"KEEPIDLE", "61s"}, {"DEFER_ACCEPT", "200s"}, {"QUICKACK", "off"}},
            "listener l; set l TCP_KEEPIDLE 30; set l TCP_DEFER_ACCEPT 0; listen l 6; "
            "get l TCP_KEEPIDLE = 30; get l TCP_DEFER_ACCEPT = 0");
}

TEST(OwnSettingsTest, OnAClientBeforeAndAfterConnect) {
  play_with({{"KEEPIDLE", "61s"}, {"KEEPCNT", "5"}, {"FASTOPEN_CONNECT", "on"}},
            "listener l; socket s inet; set s TCP_KEEPIDLE 30; "
            "set s TCP_FASTOPEN_CONNECT 0; connect s l; set s TCP_KEEPCNT 7; "
            "get s TCP_KEEPIDLE = 30; get s TCP_FASTOPEN_CONNECT = 0; get s TCP_KEEPCNT = 7");
}

TEST(OwnSettingsTest, OnAnAcceptedSocketStand) {
  play_with({{"PRIORITY", "4"}},
            "listener l; client c l; accept a l; get a SO_PRIORITY; set a SO_PRIORITY 2; "
            "get a SO_PRIORITY = 2");
}

TEST(OwnSettingsTest, ThatFailedDoNotCount) {
  play_with({{"DEFER_ACCEPT", "200s"}},
            "socket l inet; set-null l TCP_DEFER_ACCEPT; bind l 127.0.0.1; listen l 5; "
            "get l TCP_DEFER_ACCEPT >= 200");
}

TEST(OwnSettingsTest, OfAClosedDescriptorAreForgotten) {
  play_with({{"DEFER_ACCEPT", "200s"}},
            "socket a inet; set a TCP_DEFER_ACCEPT 0; close a; socket l inet; "
            "bind l 127.0.0.1; listen l 5; get l TCP_DEFER_ACCEPT >= 200");
}

TEST(OwnSettingsTest, DefaultLeavesTheOptionToTheKernel) {
  const Script script = "socket s inet; get s TCP_KEEPIDLE";
  EXPECT_EQ(play_with({{"KEEPIDLE", "default"}}, script).lines, play_plainly(script).lines);
}

}  // namespace
}  // namespace sockopt::test
