// SPDX-License-Identifier: MIT
//
// Connections, which are changed only where that is asked for: those that came in and those that a
// program made, each by its own rules.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

TEST(Connections, HaveItAtOnce) {
  const DemoServer server;
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepalive"], 0);
  const Finished applied =
      apply({"--established", "-o", "keepalive=on", "-o", "user_timeout=30s", server.word()});
  EXPECT_EQ(DemoServer::options(client)["keepalive"], 1);
  EXPECT_EQ(DemoServer::options(client)["user_timeout"], 30'000);
  EXPECT_TRUE(contains(applied.output, "2 changed, 0 failed."));
  EXPECT_TRUE(
      contains(applied.error,
               "warning: keepalive armed on 1 connection: idle half-dead ones are closed at once"));
}

TEST(Connections, AreOneLineWhereTheSameWasDoneToThem) {
  const DemoServer server;
  std::vector<TcpClient> clients;
  for (int i = 0; i < 7; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(DemoServer::options(clients.back())["nodelay"], 0);
  }
  const Finished applied = apply({"--established", "-o", "nodelay=on", server.word()});
  EXPECT_TRUE(contains(applied.output, "\nESTAB ×7 127.0.0.1:" + std::to_string(server.port()) +
                                           "  demo_server(" + server.word() +
                                           ")  nodelay off -> on\n"));
  EXPECT_TRUE(contains(applied.output, "8 changed, 0 failed."));
  EXPECT_EQ(applied.error, "") << "no keepalive, no warning";
}

TEST(Connections, ThatAreGivenUpSoonerAreCounted) {
  const DemoServer server;
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepalive"], 0);
  const std::vector<std::string> sooner = {"--established", "-o", "keepidle=61s", server.word()};
  EXPECT_EQ(apply(sooner).error, "") << "keepalive is off";
  apply({"--established", "-o", "keepalive=on", "-o", "keepidle=600s", server.word()});
  std::vector<std::string> dry_run = sooner;
  dry_run.emplace_back("-n");
  EXPECT_TRUE(
      contains(apply(dry_run).error, "warning: keepalive would be shortened on 1 connection: "));
  EXPECT_TRUE(contains(apply(sooner).error,
                       "warning: keepalive shortened on 1 connection: half-dead ones "));
  EXPECT_EQ(apply({"--established", "-o", "keepidle=90s", server.word()}).error, "") << "longer";
  EXPECT_TRUE(contains(apply({"--established", "-o", "user_timeout=9s", server.word()}).error,
                       "shortened on 1 connection"));
}

TEST(Connections, DryRunWarnsToo) {
  const DemoServer server;
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepalive"], 0);
  const Finished said = apply({"-n", "--established", "-o", "keepalive=on", server.word()});
  EXPECT_TRUE(contains(said.error, "warning: keepalive would be armed on 1 connection: "));
  EXPECT_EQ(DemoServer::options(client)["keepalive"], 0);
}

// The test is a client of the server, and has connections of its own that came in.
TEST(Connections, EachByTheRulesOfItsSide) {
  const DemoServer server;
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepidle"], 7200);
  const std::string port = std::to_string(server.port());
  const TemporaryDirectory directory;
  const std::string file = directory.write(
      "sockopt.ini", "[rule in]\nlisten = " + port + "\nkeepidle = 61s\nbacklog = 50\n" +
                         "[rule out]\nconnect = " + port + "\nkeepidle = 62s\n");
  const Finished applied =
      apply({"--established", "-c", file, server.word(), std::to_string(getpid())});
  EXPECT_EQ(DemoServer::options(client)["keepidle"], 61);
  EXPECT_TRUE(contains(applied.output, "ESTAB to 127.0.0.1:" + port + "  "));
  int idle = 0;
  socklen_t size = sizeof idle;
  getsockopt(client.fd(), IPPROTO_TCP, 4, &idle, &size);
  EXPECT_EQ(idle, 62);
}

// A worker may hold connections of a listener that only its master has.
TEST(Connections, OfAnotherProcessesListener) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(listener.get(), 5), 0);
  const std::uint16_t port = socket_facts(listener.get())->local.port;
  const TcpClient client("127.0.0.1", port);
  const UniqueFd accepted(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  Process master({.argv = {"sleep", "600"}, .descriptors = {{9, listener.get()}}});
  Process worker({.argv = {"sleep", "600"}, .descriptors = {{5, accepted.get()}}});
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("sockopt.ini", "[rule in]\nlisten = " + std::to_string(port) +
                                         "\nkeepidle = 61s\n[rule out]\nconnect = *\n"
                                         "keepidle = 62s\n");
  const Finished applied = apply({"--established", "-c", file, std::to_string(worker.pid())});
  EXPECT_TRUE(contains(applied.output, "ESTAB 0.0.0.0:" + std::to_string(port)));
  int idle = 0;
  socklen_t size = sizeof idle;
  getsockopt(accepted.get(), IPPROTO_TCP, 4, &idle, &size);
  EXPECT_EQ(idle, 61);
}

TEST(Connections, OnlyTheOnesThatWereNumbered) {
  const DemoServer server;
  TcpClient first = server.connect();
  TcpClient second = server.connect();
  EXPECT_EQ(DemoServer::options(first)["keepidle"], 7200);
  EXPECT_EQ(DemoServer::options(second)["keepidle"], 7200);
  std::uint64_t cookie = 0;
  for (const SocketSnapshot& socket : server.sockets()) {
    if (socket.facts.peer.port == second.local_port()) cookie = socket.facts.cookie;
  }
  std::ostringstream number;
  number << std::hex << cookie;
  const Finished applied = apply({"-o", "keepidle=61s", "--socket", number.str(), server.word()});
  EXPECT_TRUE(contains(applied.output, "1 changed, 0 failed."));
  EXPECT_EQ(DemoServer::options(first)["keepidle"], 7200);
  EXPECT_EQ(DemoServer::options(second)["keepidle"], 61);
  EXPECT_EQ(server.listener().text("keepidle"), "7200s");
}

// A server that sets an option after accept sets it again on the next one. Here the test plays it.
TEST(Connections, WhatTheProgramSetsItselfIsTold) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(listener.get(), 5), 0);
  const std::uint16_t port = socket_facts(listener.get())->local.port;
  std::vector<TcpClient> clients;
  std::vector<UniqueFd> accepted;
  std::map<int, int> descriptors = {{9, listener.get()}};
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back("127.0.0.1", port);
    accepted.emplace_back(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int idle = 300;
    if (i < 2) setsockopt(accepted.back().get(), IPPROTO_TCP, 4, &idle, sizeof idle);
    descriptors[10 + i] = accepted.back().get();
  }
  Process server({.argv = {"sleep", "600"}, .descriptors = descriptors});
  const std::string pid = std::to_string(server.pid());
  const std::string told =
      "sleep seems to set keepidle 300s itself after accept (2 of 3 connections examined), so new "
      "ones will hold that.\n";
  EXPECT_TRUE(contains(apply({"-o", "keepidle=60s", "-o", "keepcnt=4", pid}).output, told));
  EXPECT_TRUE(contains(apply({"-o", "keepidle=60s", pid}).output, told)) << "the listener has it";
  EXPECT_EQ(count(apply({"-o", "keepcnt=4", pid}).output, "itself"), 0);
}

}  // namespace
}  // namespace sockopt::test
