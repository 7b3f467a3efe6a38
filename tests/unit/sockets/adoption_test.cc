// SPDX-License-Identifier: MIT
//
// A listener that was there before the program: it gets what a listener can still be given, and the
// connections that were queued before get theirs one by one, until they are through.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/sockets/program.h"

namespace sockopt::test {
namespace {

constexpr std::string_view kSettings =
    "keepidle = 60s\nreuseaddr = on\nv6only = on\nfreebind = on\nbacklog = 500\n"
    "defer_accept = 5s\nfastopen_connect = on\nbind_address_no_port = on\nquickack = on\n"
    "bindtodevice = eth0\n";

TEST(Adoption, GivesTheListenerWhatItCanStillTake) {
  ShimmedProgram program(kSettings);
  const int fd = program.inherited_listener(AF_INET6, 5);
  program.hooks().adopt(fd);
  EXPECT_EQ(program.calls(),
            (Calls{"get 3 protocol", "get 3 type", "get 3 domain", "get 3 listens",
                   "set 3 keepidle 60s", "set 3 defer_accept 5s", "set 3 quickack on",
                   "set 3 bindtodevice eth0", "get 3 info", "listen 3 500"}));
  EXPECT_EQ(program.kernel.at(fd).backlog, 500);
  EXPECT_EQ(program.sockets_seen(), 1);
  EXPECT_TRUE(program.refused().empty());
}

TEST(Adoption, HappensAtTheFirstAcceptOfAnyOther) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int listener = program.inherited_listener(AF_INET, 5);
  program.accept(listener);
  EXPECT_EQ(program.kernel.option(listener, "keepidle"), "60s");
  EXPECT_EQ(program.kernel.at(listener).backlog, 500);
}

TEST(Adoption, DoesNotListenAgainForALongerBacklog) {
  ShimmedProgram program("backlog = 500\n");
  program.hooks().adopt(program.inherited_listener(AF_INET, 1000));
  for (const std::string& call : program.calls())
    EXPECT_EQ(call.find("listen "), std::string::npos);
}

// `listen` on a socket that is none would bind it.
TEST(Adoption, IsForListenersOnly) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int fd = program.kernel.open(AF_INET, IPPROTO_TCP);
  program.hooks().adopt(fd);
  EXPECT_EQ(program.calls(),
            (Calls{"get 3 protocol", "get 3 type", "get 3 domain", "get 3 listens"}));
  EXPECT_FALSE(program.kernel.at(fd).listening);
  EXPECT_EQ(program.sockets_seen(), 0);
}

TEST(Adoption, OfAUnixListenerIsOneQuestionForGood) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int listener = program.inherited_listener(AF_UNIX, 5, 3, 0);
  for (int i = 0; i < 3; ++i) EXPECT_GE(program.accept(listener), 0);
  EXPECT_EQ(program.calls(), Calls{"get 3 protocol"});
  EXPECT_EQ(program.kernel.at(listener).backlog, 5);
}

TEST(Adoption, EveryQueuedConnectionGetsItsSettings) {
  for (const int queued : {0, 1, 3, 200}) {
    ShimmedProgram program("keepidle = 60s\nnodelay = on\n");
    const int listener = program.inherited_listener(AF_INET, 500, queued);
    for (int i = 0; i < queued; ++i) {
      const int fd = program.accept(listener);
      EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
      EXPECT_EQ(program.kernel.option(fd, "nodelay"), "on");
      program.kernel.close(fd);
    }
  }
}

// So many connections of one listener, and whether accepting the last one made calls.
TEST(Adoption, IsThroughAfterTheQueueAndAFewMore) {
  ShimmedProgram program("keepidle = 60s\n");
  const int listener = program.inherited_listener(AF_INET, 500, 3);
  int attended = 0;
  for (int i = 0; i < 20; ++i) {
    program.calls();
    const int fd = i < 3 ? program.accept(listener) : program.serve(listener);
    EXPECT_EQ(program.kernel.option(fd, "keepidle"), "60s");
    for (const std::string& call : program.calls()) {
      attended += call == "set " + std::to_string(fd) + " keepidle 60s" ? 1 : 0;
    }
    program.kernel.close(fd);
  }
  EXPECT_EQ(attended, 3 + 4);
  program.calls();
  program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{}) << "from then on nothing";
}

TEST(Adoption, IsThroughWhenTheQueueIsSeenEmpty) {
  ShimmedProgram program("keepidle = 60s\n");
  const int listener = program.inherited_listener(AF_INET, 500, 2);
  program.accept(listener);
  program.accept(listener);
  EXPECT_EQ(program.accept(listener), -1);
  program.calls();
  program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{});
}

TEST(Adoption, OtherErrorsOfAcceptDoNotEndIt) {
  ShimmedProgram program("keepidle = 60s\n");
  const int listener = program.inherited_listener(AF_INET, 500, 2);
  program.accept(listener);
  for (const int error : {ECONNABORTED, EINTR, EMFILE, EINVAL}) {
    if (program.hooks().needs_adoption(listener)) program.hooks().adopt(listener);
    program.hooks().after_accept(listener, -1, error);
  }
  program.calls();
  const int fd = program.accept(listener);
  const std::string number = std::to_string(fd);
  EXPECT_EQ(program.calls(),
            (Calls{"get " + number + " protocol", "set " + number + " keepidle 60s"}));
}

TEST(Adoption, ListenersOptionsAreNotForItsConnections) {
  ShimmedProgram program("keepidle = 60s\ndefer_accept = 5s\nfastopen = 5\nincoming_cpu = 0\n");
  const int listener = program.inherited_listener(AF_INET, 500, 1);
  program.hooks().adopt(listener);
  program.calls();
  program.accept(listener);
  EXPECT_EQ(program.calls(), (Calls{"get 4 protocol", "set 4 keepidle 60s"}));
}

TEST(Adoption, AListenerThatListensAgainIsAdoptedToo) {
  ShimmedProgram program("keepidle = 60s\nbacklog = 500\n");
  const int listener = program.inherited_listener(AF_INET, 5, 1);
  program.listen(listener, 5);
  EXPECT_EQ(program.kernel.at(listener).backlog, 500);
  EXPECT_EQ(program.kernel.option(program.accept(listener), "keepidle"), "60s");
}

// It is bound: what must precede bind can only fail, or reach beyond what was meant.
TEST(Adoption, AListenerThatListensAgainIsNotGivenWhatMustPrecedeBind) {
  ShimmedProgram program(kSettings);
  const int listener = program.inherited_listener(AF_INET6, 5, 1);
  program.listen(listener, 5);
  for (const std::string_view key : {"reuseaddr", "v6only", "freebind"}) {
    EXPECT_EQ(program.kernel.option(listener, key), "-") << key;
  }
  EXPECT_TRUE(program.refused().empty()) << program.refused().front();
  EXPECT_EQ(program.sockets_seen(), 1);
}

TEST(Adoption, TheProgramsOwnSettingsStand) {
  ShimmedProgram program("keepidle = 60s\nnodelay = on\n");
  const int listener = program.inherited_listener(AF_INET, 5);
  program.setsockopt(listener, "keepidle", "7");
  program.accept(listener);
  EXPECT_EQ(program.kernel.option(listener, "keepidle"), "7s");
  EXPECT_EQ(program.kernel.option(listener, "nodelay"), "on");
}

TEST(Adoption, AQueuedConnectionKeepsWhatTheProgramSetOnTheListener) {
  ShimmedProgram program("keepidle = 60s\nnodelay = on\n");
  const int listener = program.inherited_listener(AF_INET, 5);
  program.setsockopt(listener, "keepidle", "7");
  const int fd = program.serve(listener);
  EXPECT_EQ(program.kernel.option(fd, "keepidle"), "7s");
  EXPECT_EQ(program.kernel.option(fd, "nodelay"), "on");
}

TEST(Adoption, WhatWasSetOnAnotherSocketOfTheNumberDoesNotStand) {
  ShimmedProgram program("keepidle = 60s\n");
  const int client = program.socket(AF_INET);
  program.setsockopt(client, "keepidle", "7");
  program.kernel.close(client);
  const int listener = program.inherited_listener(AF_INET, 5);
  ASSERT_EQ(listener, client);
  program.accept(listener);
  EXPECT_EQ(program.kernel.option(listener, "keepidle"), "60s");
}

// A vfork child opens a socket of its own on the listener's number, in the memory of both.
TEST(Adoption, OfAListenerThatWasForgottenLeavesTheProgramsSettings) {
  ShimmedProgram program("keepidle = 60s\n");
  const int listener = program.socket(AF_INET);
  program.setsockopt(listener, "keepidle", "7");
  program.bind(listener, "0.0.0.0:80");
  program.listen(listener);
  program.hooks().after_socket(listener, AF_INET, SOCK_STREAM, 0);
  const int seven = 7;  // what was set just now was set on the child's
  program.kernel.set(listener, IPPROTO_TCP, TCP_KEEPIDLE, &seven, sizeof seven);
  program.serve(listener);
  EXPECT_EQ(program.kernel.option(listener, "keepidle"), "7s");
}

TEST(Adoption, ByTheRulesOfItsAddress) {
  ShimmedProgram program(
      "[rule web]\nlisten = 80\nkeepidle = 10s\nbacklog = 500\n[rule other]\nlisten = 81\n"
      "keepidle = 20s\nbacklog = 600\n");
  const int listener = program.inherited_listener(AF_INET, 5, 1);
  EXPECT_EQ(program.kernel.option(program.accept(listener), "keepidle"), "10s");
  EXPECT_EQ(program.kernel.at(listener).backlog, 500);
  EXPECT_EQ(program.kernel.option(program.serve(listener), "keepidle"), "10s");
}

TEST(Adoption, OfManyMoreThanCanBeCountedStillEnds) {
  ShimmedProgram program("keepidle = 60s\n");
  const int listener = program.inherited_listener(AF_INET, 500, 70'000);
  program.hooks().adopt(listener);
  program.kernel.at(listener).queue.clear();
  EXPECT_EQ(program.accept(listener), -1);
  program.calls();
  program.serve(listener);
  EXPECT_EQ(program.calls(), Calls{});
}

}  // namespace
}  // namespace sockopt::test
