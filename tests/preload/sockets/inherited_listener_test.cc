// SPDX-License-Identifier: MIT
//
// Listeners that the process did not make: they never pass through socket, bind and listen. Their
// options and backlog are put right at the first accept, or at start where LISTEN_FDS says that
// they are meant for this process; connections that were queued before get theirs, too, and from
// then on accept costs nothing.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/listener.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

const Environment kListenerSettings = {{"KEEPIDLE", "61s"}, {"BACKLOG", "1024"}};
constexpr unsigned kSlack = 4;  // connections that are attended to beyond those that were queued

// A listener of the test's own, handed to the actor as descriptor 3.
Command with_listener(const Listener& listener, const Script& script,
                      const Environment& environment) {
  Command command = actor(Script("fd l 3") + script, environment);
  command.descriptors[3] = listener.fd();
  return command;
}

TEST(AdoptionTest, AtTheFirstAccept) {
  const Listener listener;
  const Script script = "get l TCP_KEEPIDLE; backlog l; client c l; accept a l; get a TCP_KEEPIDLE";
  const Played without = play(with_listener(listener, script, plain_environment()));
  ASSERT_NE(without.number("get a TCP_KEEPIDLE"), 61);
  const Played with = play(with_listener(listener, script, variables(kListenerSettings)));
  EXPECT_NE(with.number("get l TCP_KEEPIDLE"), 61) << "before accept, nobody knows that it is one";
  EXPECT_EQ(with.number("get a TCP_KEEPIDLE"), 61);
  EXPECT_EQ(listener.get(IPPROTO_TCP, TCP_KEEPIDLE), 61);
  EXPECT_EQ(listener.backlog(), 1024u);
}

TEST(AdoptionTest, NeverLowersTheBacklog) {
  const Listener listener(2048);
  play(with_listener(listener, "client c l; accept a l", variables(kListenerSettings)));
  EXPECT_EQ(listener.backlog(), 2048u);
}

TEST(AdoptionTest, ConnectionsQueuedBeforeGetTheirOptions) {
  const Listener listener;
  Script script = "clients l 6; await-queue l 6";
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    script.push_back(std::string("accept ") + name + " l");
    script.push_back(std::string("get ") + name + " TCP_KEEPIDLE");
  }
  const Played with = play(with_listener(listener, script, variables(kListenerSettings)));
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    EXPECT_EQ(with.number(std::string("get ") + name + " TCP_KEEPIDLE"), 61) << name;
  }
}

TEST(AdoptionTest, AQueuedConnectionKeepsWhatTheProgramSetOnTheListener) {
  const Listener listener;
  play(with_listener(listener,
                     "set l TCP_KEEPIDLE 7; client c l; await-queue l 1;"
                     "accept a l; get a TCP_KEEPIDLE = 7; get a TCP_KEEPCNT = 5",
                     variables({{"KEEPIDLE", "61s"}, {"KEEPCNT", "5"}})));
}

TEST(AdoptionTest, CostsNothingOnceTheOldConnectionsAreGone) {
  SOCKOPT_NEEDS_STRACE();
  Script script = "listener l 16; dup2 l 50; exec; fd l 50; clients l 6; await-queue l 6";
  const auto accept_one = [&](unsigned i) {
    script.push_back("accept a" + std::to_string(i) + " l");
  };
  for (unsigned i = 0; i < 6 + kSlack; ++i) {
    if (i >= 6) script.push_back("client c l");
    accept_one(i);
  }
  script.push_back("mark");
  for (unsigned i = 0; i < 20; ++i) {
    script.push_back("client c l");
    accept_one(100 + i);
  }
  script.push_back("mark");
  script.push_back("get a119 TCP_KEEPIDLE");
  const Traced with = trace(script, variables(kListenerSettings));
  EXPECT_EQ(with.calls, std::vector<std::string>{});
  EXPECT_EQ(with.played.number("get a119 TCP_KEEPIDLE"), 61);
}

TEST(AdoptionTest, EagainTellsThatTheOldConnectionsAreGone) {
  SOCKOPT_NEEDS_STRACE();
  const Traced with = trace(
      "listener l 16; dup2 l 50; exec; fd l 50; nonblock l; clients l 2; "
      "await-queue l 2; accept a l; accept b l; accept c l; mark; client d l; "
      "accept d l; mark; get b TCP_KEEPIDLE = 61; get d TCP_KEEPIDLE = 61",
      variables(kListenerSettings));
  EXPECT_TRUE(with.played.result("accept c l").starts_with("-1 EAGAIN"));
  EXPECT_EQ(with.calls, std::vector<std::string>{});
}

TEST(AdoptionTest, NonBlockingWithNobodyThere) {
  const Listener listener;
  play(with_listener(listener,
                     "nonblock l; accept a l = -1 EAGAIN; client c l; accept b l; "
                     "get b TCP_KEEPIDLE = 61",
                     variables(kListenerSettings)));
}

TEST(AdoptionTest, ByManyThreadsAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const Listener listener(64);
    play(with_listener(listener,
                       "clients l 12; await-queue l 12; "
                       "accept-threads l 4 12 TCP_KEEPIDLE = 61 61 61 61 61 61 61 61 61 61 61 61",
                       variables(kListenerSettings)));
  }
}

TEST(AdoptionTest, ByListenAgain) {
  const Listener listener;
  play(with_listener(
      listener, "clients l 1; await-queue l 1; listen l 20; accept a l; get a TCP_KEEPIDLE = 61",
      variables(kListenerSettings)));
  EXPECT_EQ(listener.backlog(), 1024u);
}

TEST(AdoptionTest, InAChildOfTheOneThatListens) {
  // The parent has no shim: the child is exec'ed with it, as a super-server does.
  const Played with = play(actor(
      Script{"listener l 16; dup2 l 50", "setenv LD_PRELOAD " + library().string(),
             "setenv SOCKOPT_KEEPIDLE 61s", "setenv SOCKOPT_BACKLOG 1024", "fork", "exec",
             "fd l 50", "client c l", "accept a l", "get a TCP_KEEPIDLE = 61", "backlog l = 1024"},
      plain_environment()));
}

TEST(AdoptionTest, OfADuplicate) {
  play_with(kListenerSettings,
            "listener l; dup l m; client c l; accept a m; get a TCP_KEEPIDLE = 61; "
            "client d l; accept b l; get b TCP_KEEPIDLE = 61");
}

TEST(AdoptionTest, MptcpListener) {
  SOCKOPT_NEEDS_MPTCP();
  const Listener listener(16, AF_INET, 262);
  const Environment settings = {{"KEEPIDLE", "61s"}, {"USER_TIMEOUT", "30s"}, {"BACKLOG", "1024"}};
  play(with_listener(listener,
                     "client c l mptcp; await-queue l 1; accept a l; get a SO_PROTOCOL = 262; "
                     "get a TCP_KEEPIDLE = 61; client d l; accept b l; get b SO_PROTOCOL = 6; "
                     "get b TCP_KEEPIDLE = 61; get b TCP_USER_TIMEOUT = 30000",
                     variables(settings)));
}

TEST(AdoptionTest, LeavesAUnixListenerAlone) {
  const Script making =
      "socket l unix; bind l unix:@sockopt-adoption-test-%; listen l 5; dup2 l 50; "
      "exec; fd l 50";
  const Script script = making +
                        "socket c unix; connect c l; accept a l; get a SO_KEEPALIVE; "
                        "get l SO_KEEPALIVE; get a SO_PRIORITY";
  const Environment settings = {{"KEEPALIVE", "on"}, {"PRIORITY", "4"}, {"BACKLOG", "1024"}};
  EXPECT_EQ(play_with(settings, script).lines, play_plainly(script).lines);
}

class SocketActivation : public ::testing::Test {
 protected:
  // Two listeners and a UNIX datagram socket, as descriptors 3, 4 and 5; none is ever accepted
  // from.
  void play_activated(const std::string& count, const std::string& pid_variable,
                      Environment environment) {
    environment["LISTEN_FDS"] = count;
    Command command = actor("open-descriptors", environment);
    command.pid_variable = pid_variable;
    const int log = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    command.descriptors = {{3, first_.fd()}, {4, second_.fd()}, {5, log}};
    const Played played = play(command);
    EXPECT_EQ(played.result("open-descriptors"), "0 1 2 3 4 5");
    EXPECT_EQ(played.error(), "");
    int keepalive = -1;
    socklen_t size = sizeof keepalive;
    getsockopt(log, SOL_SOCKET, SO_KEEPALIVE, &keepalive, &size);
    EXPECT_EQ(keepalive, 0) << "of the UNIX socket";
    ::close(log);
  }
  static bool adopted(const Listener& listener) {
    EXPECT_EQ(listener.get(IPPROTO_TCP, TCP_KEEPIDLE) == 61, listener.backlog() == 1024);
    return listener.get(IPPROTO_TCP, TCP_KEEPIDLE) == 61;
  }

  Listener first_;
  Listener second_;
  Environment environment_ =
      variables({{"KEEPIDLE", "61s"}, {"KEEPALIVE", "on"}, {"BACKLOG", "1024"}});
};

TEST_F(SocketActivation, AdoptsAtStart) {
  play_activated("3", "LISTEN_PID", environment_);
  EXPECT_TRUE(adopted(first_));
  EXPECT_TRUE(adopted(second_));
}

TEST_F(SocketActivation, NoMoreThanItNames) {
  play_activated("1", "LISTEN_PID", environment_);
  EXPECT_TRUE(adopted(first_));
  EXPECT_FALSE(adopted(second_));
}

TEST_F(SocketActivation, NotForAnotherProcess) {
  environment_["LISTEN_PID"] = "1";
  play_activated("2", "", environment_);
  EXPECT_FALSE(adopted(first_));
}

TEST_F(SocketActivation, NotWithoutAProcess) {
  play_activated("2", "", environment_);
  EXPECT_FALSE(adopted(first_));
}

TEST_F(SocketActivation, NonsenseIsPassedOver) {
  for (const char* count : {"", "-1", "two", "99999999999999999999", "2147483647", "3x"}) {
    play_activated(count, "LISTEN_PID", environment_);
  }
  EXPECT_FALSE(adopted(first_));
  play_activated("1000", "LISTEN_PID", environment_);  // most of them not open
  EXPECT_TRUE(adopted(second_));
}

TEST_F(SocketActivation, NotWhereTheShimIsDisabled) {
  environment_["SOCKOPT_DISABLE"] = "1";
  play_activated("2", "LISTEN_PID", environment_);
  EXPECT_FALSE(adopted(first_));
}

}  // namespace
}  // namespace sockopt::test
