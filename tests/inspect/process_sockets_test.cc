// SPDX-License-Identifier: MIT
//
// What is read through a duplicate, held against sockets whose every detail the test knows. They
// are the test's own: pidfd_getfd makes no difference between oneself and another.
#include "tools/inspect/process_sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "tests/support/open_descriptors.h"
#include "tests/support/process.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

constexpr int kMptcp = 262;

std::uint16_t port_of(int fd) { return socket_facts(fd).value().local.port; }

UniqueFd listener(int family, int protocol, int backlog) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol));
  if (fd) listen(fd.get(), backlog);  // binds to every address and a free port
  return fd;
}

UniqueFd accept_one(const UniqueFd& listener) {
  return UniqueFd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

// The test's own socket, as an observer sees it.
std::optional<SocketSnapshot> seen(int fd) {
  const ProcessSockets all = list_sockets(getpid());
  EXPECT_FALSE(all.failure) << all.failure->text();
  for (const SocketSnapshot& socket : all.sockets) {
    if (socket.facts.fd == fd) return socket;
  }
  return std::nullopt;
}

TEST(ProcessSockets, OnlyTcpAndMptcp) {
  const UniqueFd tcp(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  const UniqueFd tcp6(socket(AF_INET6, SOCK_STREAM, 0));
  const UniqueFd udp(socket(AF_INET, SOCK_DGRAM, 0));
  const UniqueFd local(socket(AF_UNIX, SOCK_STREAM, 0));
  const UniqueFd raw(socket(AF_INET, SOCK_RAW, IPPROTO_TCP));
  EXPECT_EQ(seen(tcp.get()).value().facts.domain, AF_INET);
  EXPECT_EQ(seen(tcp6.get()).value().facts.domain, AF_INET6);
  EXPECT_EQ(seen(tcp6.get())->facts.protocol, IPPROTO_TCP);
  EXPECT_FALSE(seen(udp.get()));
  EXPECT_FALSE(seen(local.get()));
  EXPECT_FALSE(raw && seen(raw.get()));
}

TEST(ProcessSockets, Mptcp) {
  const UniqueFd fd = listener(AF_INET, kMptcp, 7);
  if (!fd) GTEST_SKIP() << "this kernel has no MPTCP";
  const SocketSnapshot snapshot = seen(fd.get()).value();
  EXPECT_EQ(snapshot.facts.protocol, kMptcp);
  EXPECT_TRUE(snapshot.facts.listening);
  EXPECT_EQ(snapshot.facts.queue_limit, 7u);
}

TEST(ProcessSockets, ListenerWithItsQueue) {
  const UniqueFd fd = listener(AF_INET, 0, 7);
  std::vector<TcpClient> waiting;
  for (int i = 0; i < 3; ++i) waiting.emplace_back("127.0.0.1", port_of(fd.get()));
  const SocketSnapshot snapshot = seen(fd.get()).value();
  EXPECT_TRUE(snapshot.facts.listening);
  EXPECT_EQ(snapshot.facts.state, TCP_LISTEN);
  EXPECT_EQ(state_name(*snapshot.facts.state), "LISTEN");
  EXPECT_EQ(snapshot.facts.queue, 3u);
  EXPECT_EQ(snapshot.facts.queue_limit, 7u);
  EXPECT_EQ(snapshot.facts.drops, 0u);
  EXPECT_EQ(snapshot.text("backlog"), "7");
  EXPECT_EQ(snapshot.facts.local.text(), "0.0.0.0:" + std::to_string(port_of(fd.get())));
  EXPECT_EQ(snapshot.facts.peer.text(), "-");
  EXPECT_NE(snapshot.facts.cookie, 0u);
  EXPECT_NE(snapshot.facts.inode, 0u);
}

TEST(ProcessSockets, DropsOfAFullQueue) {
  const UniqueFd fd = listener(AF_INET, 0, 0);
  const TcpClient fits("127.0.0.1", port_of(fd.get()));
  const UniqueFd late(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_of(fd.get()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  EXPECT_TRUE(eventually(kPatience, [&] { return seen(fd.get())->facts.drops > 0u; }));
}

TEST(ProcessSockets, BothEndsOfAConnection) {
  const UniqueFd server = listener(AF_INET6, 0, 5);
  const TcpClient client("::1", port_of(server.get()));
  const UniqueFd accepted = accept_one(server);
  const SocketSnapshot snapshot = seen(accepted.get()).value();
  const SocketSnapshot other = seen(client.fd()).value();
  EXPECT_FALSE(snapshot.facts.listening);
  EXPECT_EQ(snapshot.facts.state, TCP_ESTABLISHED);
  EXPECT_EQ(snapshot.facts.local, other.facts.peer);
  EXPECT_EQ(snapshot.facts.peer, other.facts.local);
  EXPECT_EQ(snapshot.facts.peer.text(), "[::1]:" + std::to_string(client.local_port()));
  EXPECT_FALSE(snapshot.facts.queue);
  EXPECT_FALSE(snapshot.facts.drops);
  EXPECT_EQ(snapshot.text("backlog"), "-");
}

TEST(ProcessSockets, OptionsInTheWordsOfTheTable) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM, 0));
  const int on = 1, idle = 61, timeout = 107'000;
  setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  setsockopt(fd.get(), IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  const linger five{1, 5};
  setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &five, sizeof five);
  const SocketSnapshot snapshot = seen(fd.get()).value();
  EXPECT_EQ(snapshot.text("keepalive"), "on");
  EXPECT_EQ(snapshot.text("keepidle"), "61s");
  EXPECT_EQ(snapshot.text("user_timeout"), "107s");
  EXPECT_EQ(snapshot.text("congestion"), "reno");
  EXPECT_EQ(snapshot.text("linger"), "5s");
  EXPECT_EQ(snapshot.text("nodelay"), "off");
  EXPECT_EQ(snapshot.text("v6only"), "-") << "not of this family";
  EXPECT_THROW(snapshot.text("keepidel"), std::out_of_range);
}

// An AF_INET6 socket has IP_TOS and IPV6_TCLASS; with an IPv4 peer the first is what is sent.
TEST(ProcessSockets, TosOfTheFamilyThatIsSpoken) {
  const UniqueFd server = listener(AF_INET6, 0, 5);
  const int ipv4 = 0x20, ipv6 = 0x40;
  setsockopt(server.get(), IPPROTO_IP, IP_TOS, &ipv4, sizeof ipv4);
  setsockopt(server.get(), IPPROTO_IPV6, IPV6_TCLASS, &ipv6, sizeof ipv6);
  const TcpClient mapped("127.0.0.1", port_of(server.get()));
  const UniqueFd from_ipv4 = accept_one(server);
  const TcpClient native("::1", port_of(server.get()));
  const UniqueFd from_ipv6 = accept_one(server);
  EXPECT_TRUE(seen(from_ipv4.get()).value().facts.local.is_v4_mapped());
  EXPECT_EQ(seen(from_ipv4.get())->text("tos"), "cs1");
  EXPECT_EQ(seen(from_ipv6.get()).value().text("tos"), "cs2");
  EXPECT_EQ(seen(server.get()).value().text("tos"), "cs2");
}

TEST(ProcessSockets, LeavesNothingOpen) {
  const UniqueFd fd = listener(AF_INET, 0, 5);
  TcpClient client("127.0.0.1", port_of(fd.get()));
  UniqueFd accepted = accept_one(fd);
  const std::size_t before = open_descriptors();
  EXPECT_FALSE(list_sockets(getpid()).sockets.empty());
  EXPECT_EQ(open_descriptors(), before);
  accepted.reset();
  EXPECT_EQ(client.receive_all(), "") << "the peer gets its FIN";
}

TEST(ProcessSockets, AnotherProcessIsReadAndChanged) {
  const UniqueFd fd = listener(AF_INET, 0, 5);
  Process holder({.argv = {"sleep", "600"}, .descriptors = {{9, fd.get()}}});
  const auto process = ForeignProcess::open(holder.pid());
  ASSERT_TRUE(process) << process.failure().text();
  int visited = 0;
  EXPECT_FALSE(visit_sockets(*process, [&](const ForeignSocket& socket) {
    ++visited;
    EXPECT_EQ(socket.facts().fd, 9);
    EXPECT_EQ(socket.facts().inode, socket_facts(fd.get())->inode) << "one socket, two processes";
    EXPECT_EQ(listen(socket.fd(), 64), 0);
  }));
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(seen(fd.get()).value().facts.queue_limit, 64u);
}

}  // namespace
}  // namespace sockopt::test
