// SPDX-License-Identifier: MIT
//
// A number that another socket has now, which got there by a way that makes no hooked call. What
// the program set on the first it has not set on the second, and a connection of the first is none
// of the second.
#include <gtest/gtest.h>

#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

// `l` has number 3 and `s` 4; then another socket has 4.
const NamedScript kWays[] = {
    {"close", "close s; bare x = 4"},
    {"close_range", "close-range s; bare x = 4"},
    {"dup2", "bare x; dup2 x s = 4"},
    {"dup3", "bare x; dup3 x s = 4"},
    {"fcntl", "bare x; close s; dupfd x 4 = 4"},
    {"received",
     "socketpair p q; bare x; send x p = 1; close x; close s; receive x q = 4; close p; close q"},
};

class ReusedNumber : public ::testing::TestWithParam<NamedScript> {
 protected:
  const Script& another() const { return GetParam().script; }
  const RuleFile rules_{"[rule peer]\nconnect = 127.0.0.2\nkeepidle = 20s\n"};
};

const Script kListener = "socket l inet = 3; bind l 127.0.0.2; listen l 16";
const Script kConnecting = "nonblock s; connect s l; writable s = 1";

TEST_P(ReusedNumber, WhatWasSetOnTheFirstSocketIsNotOnTheSecond) {
  rules_.play(kListener + "socket s inet = 4; set s TCP_KEEPIDLE 30" + another() +
              "get s TCP_KEEPIDLE = 7200" + kConnecting + "get s TCP_KEEPIDLE = 20");
}

TEST_P(ReusedNumber, WhatWasSetOnTheFirstSocketIsNotOnAListener) {
  play_with({{"KEEPIDLE", "61s"}},
            Script("bare l = 3; socket s inet = 4; set s TCP_KEEPIDLE 30") + another() +
                "bare-listen s; get s TCP_KEEPIDLE = 7200; client c s; accept a s; "
                "get a TCP_KEEPIDLE = 61; get s TCP_KEEPIDLE = 61");
}

TEST_P(ReusedNumber, TheSameAddressAgainIsAnotherConnection) {
  rules_.play(kListener + "socket s inet = 4" + kConnecting + "get s TCP_KEEPIDLE = 20" +
              another() + "get s TCP_KEEPIDLE = 7200" + kConnecting + "get s TCP_KEEPIDLE = 20");
}

INSTANTIATE_TEST_SUITE_P(, ReusedNumber, ::testing::ValuesIn(kWays), by_name);

TEST(ReusedNumbers, AVforkedChildDoesNotForgetForItsParent) {
  const RuleFile rules("[rule peer]\nconnect = 127.0.0.2\nkeepidle = 20s\n");
  rules.play(
      "socket s inet = 3; set s TCP_KEEPIDLE 30; socket l inet; bind l 127.0.0.2; listen l 16; "
      "vfork socket = 0; connect s l; get s TCP_KEEPIDLE = 30");
}

}  // namespace
}  // namespace sockopt::test
