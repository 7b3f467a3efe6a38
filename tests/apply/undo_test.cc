// SPDX-License-Identifier: MIT
//
// The commands that undo: they reach what was changed and nothing else, in as few words as that
// takes.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

std::string only_undo(const Finished& applied) {
  const auto lines = undo_lines(applied.output);
  EXPECT_EQ(lines.size(), 1u) << applied.output;
  return lines.empty() ? "" : lines[0];
}

TEST(Undo, ListenersThatAreAllAlikeAreNamedByTheirProcess) {
  const DemoServer server({"--family", "both", "--backlog", "5"});
  const std::string before = held(server.sockets());
  const Finished applied = apply({"-o", "keepidle=61s", "-o", "backlog=50", server.word()});
  EXPECT_EQ(only_undo(applied),
            "sockopt apply --no-file --enforce -o keepidle=7200s "
            "-o backlog=5 " +
                server.word());
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

TEST(Undo, ListenersThatDifferAreNamedByAddress) {
  const DemoServer server({"--family", "both"});
  apply({"-o", "keepidle=61s", "--listen", "127.0.0.1", server.word()});
  const std::string before = held(server.sockets());
  const Finished applied = apply({"-o", "keepidle=62s", server.word()});
  EXPECT_EQ(
      undo_lines(applied.output),
      (std::vector<std::string>{"sockopt apply --no-file -o keepidle=61s --listen 127.0.0.1:" +
                                    std::to_string(server.port(0)) + ' ' + server.word(),
                                "sockopt apply --no-file -o keepidle=7200s --listen '[::1]:" +
                                    std::to_string(server.port(1)) + "' " + server.word()}));
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

// Sockets of the test itself: two listeners on one address, which only their numbers tell apart.
TEST(Undo, ListenersOfOneAddressAreNamedByNumber) {
  const auto listener = [](std::uint16_t port) {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd.get(), 5), 0);
    return fd;
  };
  const UniqueFd first = listener(0);
  const UniqueFd second = listener(socket_facts(first.get())->local.port);
  const int idle = 77;
  setsockopt(second.get(), IPPROTO_TCP, 4, &idle, sizeof idle);
  const std::string own = std::to_string(getpid());
  const std::string before = held(list_sockets(getpid()).sockets);
  const Finished applied = apply({"-o", "keepidle=61s", own});
  EXPECT_EQ(undo_lines(applied.output).size(), 2u);
  EXPECT_EQ(count(applied.output, " --socket "), 2);
  EXPECT_NE(held(list_sockets(getpid()).sockets), before);
  undo(applied.output);
  EXPECT_EQ(held(list_sockets(getpid()).sockets), before);
}

TEST(Undo, ConnectionsAndTheirListenerTogether) {
  const DemoServer server;
  std::vector<TcpClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(DemoServer::options(clients.back())["keepidle"], 7200);
  }
  const std::string before = held(server.sockets());
  const Finished applied = apply({"--established", "-o", "keepidle=61s", server.word()});
  EXPECT_EQ(only_undo(applied),
            "sockopt apply --no-file -o keepidle=7200s --established " + server.word());
  // What came in since has it from the listener, and is brought back too.
  TcpClient late = server.connect();
  EXPECT_EQ(DemoServer::options(late)["keepidle"], 61);
  undo(applied.output);
  EXPECT_EQ(DemoServer::options(late)["keepidle"], 7200);
  late.close();
  EXPECT_TRUE(eventually(kPatience, [&] { return held(server.sockets()) == before; }));
}

// The usual order of things: first the listeners, then, after a look, the connections. Those that
// came in between are not among the changed.
TEST(Undo, ConnectionsAloneAreNamedByNumber) {
  const DemoServer server;
  std::vector<TcpClient> clients;
  const auto connect = [&](int keepidle) {
    clients.push_back(server.connect());
    EXPECT_EQ(DemoServer::options(clients.back())["keepidle"], keepidle);
  };
  for (int i = 0; i < 20; ++i) connect(7200);
  apply({"-o", "keepidle=61s", server.word()});
  connect(61);
  const std::string before = held(server.sockets());
  const Finished applied = apply({"--established", "-o", "keepidle=61s", server.word()});
  EXPECT_TRUE(contains(applied.output, "20 changed, 0 failed, 2 already set."));
  EXPECT_TRUE(contains(only_undo(applied), " --socket "));
  EXPECT_LT(only_undo(applied).size(), 200u) << "neighbours are ranges";
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

// The kernel's own tuning of a buffer comes back too, not only its size.
TEST(Undo, BuffersAreTunedAgain) {
  const DemoServer server;
  const KernelName lock = {SOL_SOCKET, 72};
  const auto locked = [&] {
    const auto process = ForeignProcess::open(server.pid());
    const auto socket = ForeignSocket::open(*process, server.listener().facts.fd);
    return (*socket)->read(lock);
  };
  if (!locked()) GTEST_SKIP() << "this kernel has no SO_BUF_LOCK (Linux 5.15)";
  EXPECT_EQ(locked().value.number(Kind::kCount), 0);
  const Finished applied = apply({"-o", "rcvbuf=100000", "-o", "sndbuf=100000", server.word()});
  EXPECT_EQ(locked().value.number(Kind::kCount), 3);
  EXPECT_TRUE(contains(only_undo(applied), " -o raw.1.72=0 "));
  const std::string undone = undo(applied.output);
  EXPECT_EQ(locked().value.number(Kind::kCount), 0);
  const std::string done_again = undo(undone);
  EXPECT_EQ(locked().value.number(Kind::kCount), 3);
  undo(done_again);
  EXPECT_EQ(locked().value.number(Kind::kCount), 0);
}

// Nobody's file or variables are drawn in.
TEST(Undo, SetsWhatItSaysAndNothingElse) {
  const DemoServer server;
  const TemporaryDirectory directory;
  const std::string file = directory.write("sockopt.ini", "[sockopt]\nnodelay = on\n");
  const Environment ours = {{"SOCKOPT_CONFIG", file}, {"SOCKOPT_KEEPCNT", "3"}};
  const Finished undone =
      sockopt({"apply", "--no-file", "-o", "keepidle=61s", server.word()}, ours);
  EXPECT_TRUE(contains(undone.output, "1 changed"));
  EXPECT_EQ(server.listener().text("keepidle"), "61s");
  EXPECT_EQ(server.listener().text("nodelay"), "off");
  EXPECT_EQ(server.listener().text("keepcnt"), "9");
}

// No value stands for a listener that is bound to no device.
TEST(Undo, OfADeviceIsARestart) {
  SOCKOPT_NEEDS_ROOT("as the option does");
  const DemoServer server;
  const std::string said = apply({"-o", "bindtodevice=lo", server.word()}).output;
  EXPECT_TRUE(undo_lines(said).empty()) << said;
  EXPECT_TRUE(contains(said, "Not undone by this: bindtodevice stays: "));
  EXPECT_TRUE(contains(said, "only a restart brings that back"));
}

}  // namespace
}  // namespace sockopt::test
