// SPDX-License-Identifier: MIT
//
// What goes on while `apply` is at work, and what it may not do: nothing of it stops the rest, and
// no listener is opened that its program has closed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

bool is_listening(int fd) {
  int listening = -1;
  socklen_t size = sizeof listening;
  getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
  return listening == 1;
}

TEST(Disturbance, APausedListenerStaysClosed) {
  const UniqueFd paused(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd open(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd unbound(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(paused.get(), 5), 0);
  ASSERT_EQ(listen(open.get(), 5), 0);
  ASSERT_EQ(shutdown(paused.get(), SHUT_RD), 0);
  const Finished applied =
      apply({"--established", "-o", "backlog=50", "-o", "keepidle=61s", std::to_string(getpid())});
  EXPECT_TRUE(contains(applied.output, "1 changed, 0 failed."));
  EXPECT_TRUE(is_listening(open.get()));
  EXPECT_FALSE(is_listening(paused.get()));
  EXPECT_FALSE(is_listening(unbound.get()));
  EXPECT_EQ(socket_facts(unbound.get())->local.port, 0) << "listen would have bound it";
}

TEST(Disturbance, WhatMayNotBeSeenIsSaidAndTheRestIsDone) {
  SOCKOPT_NEEDS_ROOT("to start programs as other users");
  const DemoServer others;
  const DemoServer own({}, "nobody");
  Command as_nobody =
      command({"apply", "--no-file", "-o", "keepidle=61s", others.word(), own.word()});
  as_nobody.user = "nobody";
  const Finished applied = run(as_nobody);
  EXPECT_EQ(status(applied), 3);
  EXPECT_TRUE(contains(applied.error, "sockopt: demo_server(" + others.word() +
                                          "): unreadable: it runs as another user (uid 0): "
                                          "needs CAP_SYS_PTRACE\n"));
  EXPECT_EQ(others.listener().text("keepidle"), "7200s");
  EXPECT_EQ(own.listener().text("keepidle"), "61s");
}

TEST(Disturbance, AnotherNetworkNamespaceIsBoundByItsOwnSysctl) {
  SOCKOPT_NEEDS_ROOT("to make network namespaces");
  const std::string server = build_directory() / "demo_server";
  Process inside({.argv = {"unshare", "--net", "sh", "-c",
                           "ip link set lo up && echo 77 >/proc/sys/net/core/somaxconn && exec " +
                               server + " --backlog 5"}});
  const auto listener = [&]() -> std::optional<SocketSnapshot> {
    const ProcessSockets listed = list_sockets(inside.pid());
    for (const SocketSnapshot& socket : listed.sockets) {
      if (socket.facts.listening) return socket;
    }
    return std::nullopt;
  };
  eventually(kPatience, [&] { return listener() || !inside.running(); });
  if (!listener()) GTEST_SKIP() << "no network namespace here: " << inside.error();
  const std::string pid = std::to_string(inside.pid());
  const std::string line = "  backlog 5 -> 77 (asked 1000, somaxconn)";
  EXPECT_TRUE(contains(apply({"-n", "-o", "backlog=1000", pid}).output, line));
  EXPECT_TRUE(contains(apply({"-o", "backlog=1000", pid}).output, line));
  EXPECT_EQ(listener()->facts.queue_limit, 77u);
  EXPECT_EQ(apply({"-o", "backlog=1000", pid}).output,
            "Sockets: 0 changed, 0 failed, 1 already set.\n");
}

// Numbers that are another socket's, or none, by the time that they are looked at.
TEST(Disturbance, DescriptorsThatComeAndGo) {
  const DemoServer server;
  const UniqueFd steady(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(listen(steady.get(), 5), 0);
  std::atomic<bool> done = false;
  std::thread churn([&] {
    const UniqueFd plain(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    while (!done) {
      std::vector<UniqueFd> some;
      for (int i = 0; i < 20; ++i) {
        some.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (i % 2 == 0) listen(some.back().get(), 5);
      }
      for (const UniqueFd& fd : some) dup3(plain.get(), fd.get(), O_CLOEXEC);
    }
  });
  for (int round = 0; round < 20; ++round) {
    const std::string value = std::to_string(61 + round) + "s";
    const Finished applied = sockopt({"apply", "--established", "-o", "keepidle=" + value, "-o",
                                      "backlog=50", std::to_string(getpid()), server.word()});
    // A listener may have ended between being read and its backlog: that alone is no fault of ours.
    EXPECT_TRUE(status(applied) == 0 || count(applied.output, "it stopped listening") > 0)
        << applied.output << applied.error;
    EXPECT_EQ(applied.error, "");
    EXPECT_EQ(server.listener().text("keepidle"), value);
  }
  done = true;
  churn.join();
  EXPECT_EQ(socket_facts(steady.get())->queue_limit, 50u);
}

TEST(Disturbance, ProcessesThatEnd) {
  const DemoServer server;
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<Process>> brief;
    std::vector<std::string> arguments = {"-o", "keepidle=" + std::to_string(61 + round) + "s"};
    for (int i = 0; i < 10; ++i) {
      brief.push_back(
          std::make_unique<Process>(Command{.argv = {"sleep", "0.00" + std::to_string(i)}}));
      arguments.push_back(std::to_string(brief.back()->pid()));
    }
    arguments.push_back(server.word());
    arguments.insert(arguments.begin(), "apply");
    const Finished applied = sockopt(arguments);
    EXPECT_EQ(count(applied.error, "\n"), count(applied.error, ": no such process\n"))
        << applied.error;
    EXPECT_EQ(status(applied), applied.error.empty() ? 0 : 1);
    EXPECT_EQ(server.listener().text("keepidle"), std::to_string(61 + round) + "s");
  }
}

// Whoever waits for the end of a connection does not wait for somebody who reads the output.
TEST(Disturbance, NothingIsHeldWhileItWrites) {
  const DemoServer server;
  TcpClient client = server.connect();
  EXPECT_EQ(DemoServer::options(client)["keepidle"], 7200);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  const std::string rubbish(4096, 'x');
  while (write(writing.get(), rubbish.data(), rubbish.size()) > 0) continue;
  fcntl(writing.get(), F_SETFL, 0);  // whoever writes now waits
  int filled = 0;
  ioctl(reading.get(), FIONREAD, &filled);

  Command writer = command({"apply", "--established", "-o", "keepidle=61s", server.word()});
  writer.descriptors = {{1, writing.get()}};
  Process blocked(writer);
  ASSERT_TRUE(eventually(kPatience, [&] { return server.listener().text("keepidle") == "61s"; }));
  client.send("quit\n");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(blocked.running()) << "it was to wait for its reader";

  std::string drained(static_cast<std::size_t>(filled), '\0');
  EXPECT_EQ(read(reading.get(), drained.data(), drained.size()), filled);
  const auto exit = blocked.wait();
  EXPECT_TRUE(exit && exit->success());
}

}  // namespace
}  // namespace sockopt::test
