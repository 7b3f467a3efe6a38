// SPDX-License-Identifier: MIT
//
// The commands that undo: they reach what was changed and nothing else.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/support/requirements.h"
#include "tests/support/servers/demo_server.h"
#include "tests/support/shown_sockets.h"
#include "tools/sockopt/live/cookie_ranges.h"

namespace sockopt::test {
namespace {

std::string only_undo(const Finished& applied) {
  const auto lines = undo_lines(applied.output);
  EXPECT_EQ(lines.size(), 1u) << applied.output;
  return lines.empty() ? "" : lines[0];
}

std::string number_of(const SocketSnapshot& socket) {
  return CookieRanges({socket.facts.cookie}).texts().at(0);
}

TEST(Undo, NamesTheSocketsByNumber) {
  const DemoServer server({"--backlog", "5"});
  const std::string before = held(server.sockets());
  const Finished applied = apply({"-o", "keepidle=61s", "-o", "backlog=50", server.word()});
  EXPECT_EQ(only_undo(applied),
            "sockopt apply --no-file --enforce -o keepidle=7200s -o backlog=5 --socket " +
                number_of(server.listener()) + ' ' + server.word());
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

// What the process opened since was not changed, whatever its address.
TEST(Undo, LeavesAloneWhatWasOpenedSince) {
  const Listener listener;
  const Finished applied = apply({"-o", "keepidle=61s", own_word()});
  const Listener since;
  since.set(IPPROTO_TCP, TCP_KEEPIDLE, 61);
  const Connections connections(listener, 2);
  const auto keepidle = [](int fd) {
    return read_raw_option(fd, {IPPROTO_TCP, TCP_KEEPIDLE}).value.number(Kind::kCount);
  };
  const std::string said = undo(applied.output);
  EXPECT_TRUE(contains(said, "1 changed, 0 failed")) << said;
  EXPECT_EQ(keepidle(listener.fd()), 7200);
  EXPECT_EQ(keepidle(since.fd()), 61);
  EXPECT_EQ(keepidle(connections.accepted[0].get()), 61) << "it has it from its listener";
}

TEST(Undo, OfWhatDifferedIsSeveral) {
  const DemoServer server({"--family", "both"});
  apply({"-o", "keepidle=61s", "--listen", "127.0.0.1", server.word()});
  const std::string before = held(server.sockets());
  const Finished applied = apply({"-o", "keepidle=62s", server.word()});
  EXPECT_EQ(undo_lines(applied.output).size(), 2u) << applied.output;
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

TEST(Undo, OfConnectionsAndTheirListenerIsOne) {
  const DemoServer server;
  std::vector<TcpClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(DemoServer::options(clients.back())["keepidle"], 7200);
  }
  const std::string before = held(server.sockets());
  const Finished applied = apply({"--established", "-o", "keepidle=61s", server.word()});
  EXPECT_TRUE(contains(only_undo(applied), " --socket "));
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

// The usual order of things: first the listeners, then, after a look, the connections. Those that
// came in between are not among the changed.
TEST(Undo, ManyNumbersAreRanges) {
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
  EXPECT_LT(only_undo(applied).size(), 200u) << "neighbours are ranges";
  undo(applied.output);
  EXPECT_EQ(held(server.sockets()), before);
}

// IP_TOS sets the priority as well, on IPv6 sockets too.
class UndoOfTos : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(UndoOfTos, BringsThePriorityBack) {
  for (const char* family : {"4", "6"}) {
    for (const std::string first : {"priority=0", "priority=2"}) {
      const DemoServer server({"--family", family});
      apply({"--no-file", "-o", first, server.word()});
      const std::string before = held(server.sockets());
      std::vector<std::string> arguments = {"--no-file", server.word()};
      for (const std::string& one : GetParam()) arguments.insert(arguments.end(), {"-o", one});
      std::vector<std::string> dry_run = arguments;
      dry_run.emplace_back("--dry-run");
      const std::string said = apply(dry_run).output;
      const std::string done = apply(arguments).output;
      EXPECT_EQ(said.substr(0, said.find('\n')), done.substr(0, done.find('\n')));
      const std::string priority = server.listener().text("priority");
      EXPECT_EQ(count(done, " -> " + priority + " ("), first == "priority=" + priority ? 0 : 1)
          << done;
      const std::string after = held(server.sockets());
      const std::string undone = undo(done);
      EXPECT_EQ(held(server.sockets()), before) << done << undone;
      undo(undone);
      EXPECT_EQ(held(server.sockets()), after) << undone;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, UndoOfTos,
                         testing::Values(std::vector<std::string>{"tos=ef"},
                                         std::vector<std::string>{"tos=0x10"},
                                         std::vector<std::string>{"tos=ef", "priority=2"},
                                         std::vector<std::string>{"tos=ef", "priority=3"}));

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

// A size that all sockets begin with is set like any other: from then on the kernel does not tune
// it.
TEST(Undo, OfABufferThatHadTheSizeByChance) {
  const DemoServer server;
  const auto buffer = [&] { return server.listener().text("rcvbuf"); };
  const std::string usual = buffer();
  ASSERT_TRUE(contains(usual, " (tuned by the kernel)")) << usual;
  const std::size_t size = std::stoul(usual) * (contains(usual, "K") ? 1024U : 1U);
  const std::string setting = "rcvbuf=" + std::to_string(size / 2);
  const std::string said = apply({"--dry-run", "-o", setting, server.word()}).output;
  EXPECT_TRUE(contains(said, "1 would change")) << said;
  const Finished applied = apply({"-o", setting, server.word()});
  EXPECT_TRUE(contains(applied.output, "  rcvbuf " + usual + " -> ")) << applied.output;
  EXPECT_TRUE(contains(applied.output, "1 changed")) << applied.output;
  EXPECT_EQ(count(buffer(), "tuned"), 0);
  EXPECT_TRUE(contains(apply({"-o", setting, server.word()}).output, "1 already set."));
  undo(applied.output);
  EXPECT_EQ(buffer(), usual);
}

// The kernel tells an MPTCP socket's locks, and takes none.
TEST(Undo, OfTheBufferOfAnMptcpSocketSaysWhatStays) {
  SOCKOPT_NEEDS_MPTCP();
  constexpr int kMptcp = 262;
  const Listener listener(5, AF_INET, kMptcp);
  const std::string said = apply({"-o", "rcvbuf=100000", own_word()}).output;
  EXPECT_EQ(count(only_undo({.exit = {}, .output = said, .error = {}}), "raw.1.72"), 0);
  EXPECT_TRUE(
      contains(said, "rcvbuf stays fixed: the kernel cannot re-enable its tuning on such a"))
      << said;
  undo(said);
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

// A listener takes no 0.
TEST(Undo, SaysWhatStays) {
  const DemoServer server;
  const std::string said = apply({"-o", "window_clamp=100000", server.word()}).output;
  EXPECT_TRUE(undo_lines(said).empty()) << said;
  EXPECT_TRUE(contains(said, "Not undone by this: window_clamp stays: it was 0, which cannot be"));
}

// What is no value of sockopt.ini has a word of its own, for sockets that there are.
TEST(Undo, OfWhatWasNeverSetIsUnset) {
  const DemoServer server;
  const std::string said = apply({"-o", "incoming_cpu=0", "-o", "maxseg=1000", "-o",
                                  "max_pacing_rate=1M", server.word()})
                               .output;
  EXPECT_TRUE(contains(said, "incoming_cpu unset -> 0  maxseg 536 -> 1000  max_pacing_rate unset"));
  EXPECT_TRUE(contains(only_undo({.exit = {}, .output = said, .error = {}}),
                       "-o incoming_cpu=unset -o maxseg=unset -o max_pacing_rate=unset "));
  EXPECT_TRUE(contains(said, "max_pacing_rate leaves pacing on"));
  EXPECT_EQ(apply({"--no-file", "-o", "nodelay=unset", server.word()}, 2).output, "");
  EXPECT_EQ(status(sockopt({"run", "-o", "incoming_cpu=unset", "--", "true"})), 125)
      << "a program that starts has it so";
}

}  // namespace
}  // namespace sockopt::test
