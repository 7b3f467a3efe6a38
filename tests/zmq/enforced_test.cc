// SPDX-License-Identifier: MIT
//
// Who wins where the program sets an option itself; and that all other calls are libzmq's own.
#include "tests/support/sockopt_command.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

std::vector<std::string> linger_after_own(const std::string& rule) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini", rule);
  return probe({"make", "5", "set", "17", "7", "get", "17"},
               zmq_environment({{"SOCKOPT_CONFIG", file}}));
}

TEST(ZmqEnforced, TheProgramsOwnValueWins) {
  SOCKOPT_NEEDS_ZMQ();
  EXPECT_EQ(linger_after_own("[zmq]\nlinger = 1s\n").back(), "get: 0 7");
}

TEST(ZmqEnforced, ThePolicysValueWinsWhereItIsEnforced) {
  SOCKOPT_NEEDS_ZMQ();
  EXPECT_EQ(linger_after_own("[zmq]\nlinger = 1s\nenforce = yes\n"),
            (std::vector<std::string>{"make: 1, errno kept", "set: 0", "get: 0 1000"}));
  EXPECT_EQ(linger_after_own("[rule a]\nzmq = dealer\nenforce = yes\nlinger = 1s\n").back(),
            "get: 0 1000");
  EXPECT_EQ(linger_after_own("[rule a]\nzmq = router\nenforce = yes\nlinger = 1s\n").back(),
            "get: 0 7");
}

TEST(ZmqEnforced, WhatIsIgnoredStaysLibzmqs) {
  SOCKOPT_NEEDS_ZMQ();
  EXPECT_EQ(linger_after_own("[zmq]\nlinger = ignore\n"),
            (std::vector<std::string>{"make: 1, errno kept", "set: 0", "get: 0 -1"}));
}

// What libzmq refuses, whatever stands in place of the program's values.
TEST(ZmqEnforced, AWrongCallFailsAsItDoesWithoutUs) {
  SOCKOPT_NEEDS_ZMQ();
  std::vector<std::string> words = {"make",   "3",   "set", "17",    "-5", "wrong", "17",
                                    "set",    "35",  "-2",  "wrong", "52", "wrong", "4711",
                                    "broken", "end", "set", "17",    "5"};
  const auto without = probe(words, plain_environment());
  ASSERT_EQ(without.size(), 26U);
  const TemporaryDirectory directory;
  for (const char* rules : {"[zmq]\nlinger = 1s\ntcp_keepalive_cnt = 3\nreq_correlate = on\n"
                            "enforce = yes\n",
                            "[zmq]\nlinger = ignore\ntcp_keepalive_cnt = ignore\n"
                            "req_correlate = ignore\nraw.4711 = 1\n"}) {
    const Environment environment = both_environment(
        {{"SOCKOPT_CONFIG", directory.write("sockopt.ini", rules)}, {"SOCKOPT_LOG", "off"}});
    EXPECT_EQ(probe(words, environment), without) << rules;
  }
}

// ZMQ_RATE, which takes no number below 1.
TEST(ZmqEnforced, TheProgramsOwnValueStaysWhereLibzmqRefusesOurs) {
  SOCKOPT_NEEDS_ZMQ();
  std::string error;
  const auto answers =
      probe({"make", "5", "set", "8", "50", "set", "8", "60", "get", "8"},
            zmq_environment({{"SOCKOPT_ENFORCE", "1"}, {"SOCKOPT_ZMQ_RAW_8", "-5"}}), &error);
  EXPECT_EQ(answers,
            (std::vector<std::string>{"make: 1, errno kept", "set: 0", "set: 0", "get: 0 60"}));
  EXPECT_EQ(count(error, "raw.8 = -5 (SOCKOPT_ZMQ_RAW_8) was not set"), 1) << error;
  EXPECT_EQ(count(error, "\n"), 1) << error;
}

TEST(ZmqEnforced, ARawOptionThatIsIgnoredKeepsItsValue) {
  SOCKOPT_NEEDS_ZMQ();
  const std::vector<std::string> words = {"make", "5",   "get", "8",   "set", "8",
                                          "50",   "get", "8",   "set", "8",   "0"};
  EXPECT_EQ(probe(words, zmq_environment({{"SOCKOPT_ZMQ_RAW_8", "ignore"}})),
            (std::vector<std::string>{"make: 1, errno kept", "get: 0 100", "set: 0", "get: 0 100",
                                      "set: -1 Invalid argument"}));
}

TEST(ZmqEnforced, IsLoggedAtDebug) {
  SOCKOPT_NEEDS_ZMQ();
  std::string error;
  probe({"make", "5", "set", "17", "7"},
        zmq_environment(
            {{"SOCKOPT_LOG", "debug"}, {"SOCKOPT_ENFORCE", "1"}, {"SOCKOPT_ZMQ_LINGER", "1s"}}),
        &error);
  EXPECT_TRUE(contains(error,
                       "ZeroMQ DEALER socket: linger = 1s (SOCKOPT_ZMQ_LINGER) in place of the "
                       "program's own\n"));
}

// Of what the library has no opinion on, and of calls that cannot succeed, every answer and every
// errno.
TEST(ZmqCalls, AreAnsweredAsLibzmqAnswersThem) {
  SOCKOPT_NEEDS_ZMQ();
  const std::vector<std::string> words = {"make",
                                          "5",
                                          "set",
                                          "17",
                                          "-5",
                                          "set",
                                          "4711",
                                          "1",
                                          "broken",
                                          "bind",
                                          "tcp://127.0.0.1:*",
                                          "bind",
                                          "tcp://nowhere",
                                          "connect",
                                          "tcp://127.0.0.1:1",
                                          "connect",
                                          "rubbish",
                                          "disconnect",
                                          "tcp://127.0.0.1:1",
                                          "disconnect",
                                          "tcp://127.0.0.1:1",
                                          "unbind",
                                          "tcp://127.0.0.1:1",
                                          "close",
                                          "make",
                                          "4711"};
  const auto without = probe(words, plain_environment());
  EXPECT_EQ(without.size(), 21U);
  EXPECT_EQ(probe(words, both_environment()), without);
  EXPECT_EQ(probe(words, both_environment({{"SOCKOPT_ENFORCE", "1"},
                                           {"SOCKOPT_ZMQ_SNDHWM", "7"},
                                           {"SOCKOPT_ZMQ_RAW_9999", "1"},
                                           {"SOCKOPT_LOG", "off"}})),
            without);
}

}  // namespace
}  // namespace sockopt::test
