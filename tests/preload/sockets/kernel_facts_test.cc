// SPDX-License-Identifier: MIT
//
// The option table makes claims about the kernel: what an accepted socket inherits, what is
// reported back, what MPTCP takes, which values are in range. Each is measured here on the kernel
// that the tests run on, with bare sockets and without the library. A row that fails here is wrong,
// or this kernel differs from the one it was measured on.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "shim/options/lookup.h"
#include "tests/support/option_row.h"
#include "tests/support/requirements.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

constexpr int kMptcp = 262;
constexpr uid_t kNobody = 65534;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(int family, int protocol) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol)) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }

  // 0 or errno.
  int set(const KernelName& name, const Value& value) const {
    return ::setsockopt(fd_, name.level, name.name, value.data(), value.length()) == 0 ? 0 : errno;
  }
  Value get(const KernelName& name) const {
    unsigned char bytes[Value::kMaxBytes] = {};
    socklen_t size = sizeof bytes;
    if (::getsockopt(fd_, name.level, name.name, bytes, &size) != 0) size = 0;
    return value_of_bytes(bytes, size);
  }
  int protocol() const {
    return static_cast<int>(get({SOL_SOCKET, SO_PROTOCOL}).number(Kind::kCount));
  }

  void bind_to_loopback(int family) const {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_addr = in6addr_loopback;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result = family == AF_INET6
                           ? ::bind(fd_, reinterpret_cast<sockaddr*>(&in6), sizeof in6)
                           : ::bind(fd_, reinterpret_cast<sockaddr*>(&in), sizeof in);
    ASSERT_EQ(result, 0);
  }
  void listen() const { ASSERT_EQ(::listen(fd_, 16), 0); }
  int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  // To where the listener is, or to nobody: that gives the connection up.
  int connect_to(const Socket* listener) const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (listener != nullptr) {
      ::getsockname(listener->fd_, reinterpret_cast<sockaddr*>(&address), &size);
    }
    return ::connect(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0 : errno;
  }

  // A connection to this listener; the client writes, so that defer_accept lets it through.
  std::pair<Socket, Socket> accept(int family, int client_protocol) const {
    Socket client(family, client_protocol);
    EXPECT_EQ(client.connect_to(this), 0);
    EXPECT_EQ(::send(client.fd_, "x", 1, MSG_NOSIGNAL), 1);
    Socket accepted(::accept(fd_, nullptr, nullptr));
    EXPECT_GE(accepted.fd_, 0);
    return {std::move(client), std::move(accepted)};
  }

 private:
  int fd_;
};

class KernelFacts : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Option& option() const { return kOptions[GetParam()]; }
  std::string_view key() const { return option().key; }
  std::string wanted() const { return distinct_value(option()); }
  Value value() const { return parsed(option(), wanted()); }

  // Whether the socket has the value, as the kernel tells it. What it does not tell it lets those
  // without the privilege set to what it is, and to no more.
  bool holds(const Socket& socket, const KernelName& name) const {
    if (option().read_back != ReadBack::kNever) {
      return reads_as(option(), socket.get(option().read_name(name)), wanted());
    }
    const Value more = value_of_int(static_cast<int>(value().number(option().kind)) + 1);
    EXPECT_EQ(seteuid(kNobody), 0);
    const bool holds = socket.set(name, value()) == 0 && socket.set(name, more) != 0;
    EXPECT_EQ(seteuid(0), 0);
    return holds;
  }
  Value value_at(std::int64_t number) const {
    switch (option().kind) {
      case Kind::kRate:
        return value_of_bytes(&number, sizeof number);
      case Kind::kTimeval:
        return parsed(option(), std::to_string(number) + "ms");
      case Kind::kPorts:
        return value_of_int(static_cast<int>(number << 16 | number));
      default:
        return value_of_int(static_cast<int>(number));
    }
  }

  // The families that the row has a name for.
  std::vector<std::pair<int, KernelName>> names() const {
    std::vector<std::pair<int, KernelName>> names;
    if (option().ipv4.exists()) names.emplace_back(AF_INET, option().ipv4);
    if (option().ipv6.exists()) names.emplace_back(AF_INET6, option().ipv6);
    if (option().ipv4.exists() && (option().both || !option().ipv6.exists())) {
      names.emplace_back(AF_INET6, option().ipv4);
    }
    return names;
  }
  // A listener with the value; set when the row says that it is set.
  Socket listener(int family, int protocol, const KernelName& name) const {
    Socket socket(family, protocol);
    const bool after = (option().hook_points & kAfterListen) != 0;
    int error = after ? 0 : socket.set(name, value());
    socket.bind_to_loopback(family);
    socket.listen();
    if (after) error = socket.set(name, value());
    EXPECT_EQ(error, 0) << "setting it on the listener";
    return socket;
  }

  void SetUp() override {
    if (option().privilege != Privilege::kNone && geteuid() != 0) {
      GTEST_SKIP() << key() << " needs CAP_NET_ADMIN";
    }
    if (!kernel_knows(option())) GTEST_SKIP() << "this kernel does not know " << key();
  }
};

class SetAtSocket : public KernelFacts {};

TEST_P(SetAtSocket, IsForgottenWithAConnectionIfTheRowSaysSo) {
  for (const auto& [family, name] : names()) {
    const Socket listener(family, 0);
    listener.bind_to_loopback(family);
    listener.listen();
    const Socket client(family, 0);
    ASSERT_EQ(client.set(name, value()), 0);
    const auto read = [&client, &name = name] {
      const Value value = client.get(name);
      return std::string(reinterpret_cast<const char*>(value.data()), value.length());
    };
    const std::string before = read();
    ASSERT_EQ(client.connect_to(&listener), 0);
    ASSERT_EQ(client.connect_to(nullptr), 0);
    EXPECT_EQ(read() != before, option().lost_at_disconnect);
  }
}

INSTANTIATE_TEST_SUITE_P(, SetAtSocket,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return (option.hook_points & kAtSocket) != 0;
                         })),
                         by_key);

TEST_P(KernelFacts, IsReportedBackAsTheRowSays) {
  for (const auto& [family, name] : names()) {
    Socket socket(family, 0);
    ASSERT_EQ(socket.set(name, value()), 0);
    EXPECT_TRUE(holds(socket, name)) << socket.get(name).number(option().kind);
    const bool is_told = option().read_back != ReadBack::kNever && !option().reads.exists();
    EXPECT_EQ(socket.get(name).size != 0, is_told);
  }
}

class OnListeners : public KernelFacts {};

TEST_P(OnListeners, IsInheritedAsTheRowSays) {
  for (const auto& [family, name] : names()) {
    const Socket with = listener(family, 0, name);
    const auto [client, accepted] = with.accept(family, 0);
    const Value read = accepted.get(option().read_name(name));
    switch (option().inheritance) {
      case Inheritance::kInherited:
        EXPECT_TRUE(holds(accepted, name)) << read.number(option().kind);
        break;
      case Inheritance::kPerSocket:
        EXPECT_FALSE(reads_as(option(), read, wanted()));
        EXPECT_EQ(accepted.set(name, value()), 0);
        EXPECT_TRUE(reads_as(option(), accepted.get(name), wanted()));
        break;
      case Inheritance::kListener:
        // Of incoming_cpu, an accepted socket reports where its packets arrive.
        if (key() != "incoming_cpu") {
          EXPECT_FALSE(reads_as(option(), read, wanted())) << read.number(option().kind);
        }
        break;
      case Inheritance::kClient:
        break;
    }
  }
}

class InheritedByAccepted : public KernelFacts {};

TEST_P(InheritedByAccepted, ButNotByConnectionsThatAreQueued) {
  const auto [family, name] = names().front();
  Socket socket(family, 0);
  socket.bind_to_loopback(family);
  socket.listen();
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  const Socket client(family, 0);
  ASSERT_EQ(connect(client.fd(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_TRUE(eventually(kPatience, [&] {
    tcp_info info{};
    socklen_t length = sizeof info;
    getsockopt(socket.fd(), IPPROTO_TCP, TCP_INFO, &info, &length);
    return info.tcpi_unacked == 1;
  }));
  ASSERT_EQ(socket.set(name, value()), 0);
  const Socket accepted(accept(socket.fd(), nullptr, nullptr));
  EXPECT_FALSE(holds(accepted, name));
}

INSTANTIATE_TEST_SUITE_P(, InheritedByAccepted,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.inheritance == Inheritance::kInherited &&
                                  option.bind_order == BindOrder::kAny &&
                                  option.read_back != ReadBack::kTransient;
                         })),
                         by_key);

// What is refused after bind is refused there too.
class OnceConnected : public KernelFacts {};

TEST_P(OnceConnected, IsRefusedWhereTheRowSaysSo) {
  const bool refused = option().bind_order == BindOrder::kNotConnected;
  for (const auto& [family, name] : names()) {
    Socket bare(family, 0);
    bare.bind_to_loopback(family);
    bare.listen();
    const auto [client, accepted] = bare.accept(family, 0);
    EXPECT_EQ(accepted.set(name, value()), refused ? EINVAL : 0);
    EXPECT_EQ(client.set(name, value()), refused ? EINVAL : 0);
  }
}

INSTANTIATE_TEST_SUITE_P(, OnceConnected,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.bind_order != BindOrder::kOnlyBefore;
                         })),
                         by_key);

// MPTCP refuses the IPv6 level's name of an option that also has an IPv4 one; what is set is the
// latter, and a plain TCP client's accepted socket may then lack the former.
TEST_P(KernelFacts, MptcpTakesItAsTheRowSays) {
  SOCKOPT_NEEDS_MPTCP();
  bool plain_has_all = true;
  for (const auto& [family, name] : names()) {
    SCOPED_TRACE((family == AF_INET6 ? "IPv6 " : "IPv4 ") + get_step("", name));
    const bool twin = option().both && name == option().ipv6;
    const KernelName settable = twin ? option().ipv4 : name;
    const int error = Socket(family, kMptcp).set(settable, value());
    if (option().mptcp == Mptcp::kRefused) {
      EXPECT_TRUE(error == ENOPROTOOPT || error == EOPNOTSUPP) << error;
      if (option().inheritance == Inheritance::kClient) continue;
      const Socket bare(family, kMptcp);
      bare.bind_to_loopback(family);
      bare.listen();
      const auto [client, plain] = bare.accept(family, 0);
      EXPECT_EQ(plain.protocol(), IPPROTO_TCP);
      EXPECT_EQ(plain.set(name, value()), 0) << "on the accepted socket of a plain TCP client";
      continue;
    }
    EXPECT_EQ(error, 0);
    EXPECT_EQ(Socket(family, kMptcp).set(name, value()) != 0, twin);
    if (option().inheritance != Inheritance::kInherited) continue;
    const Socket with = listener(family, kMptcp, settable);
    const auto [client, accepted] = with.accept(family, kMptcp);
    EXPECT_EQ(accepted.protocol(), kMptcp);
    if (!twin) {
      EXPECT_TRUE(holds(accepted, name))
          << "MPTCP client: " << accepted.get(name).number(option().kind);
    }
    const auto [plain_client, plain] = with.accept(family, 0);
    EXPECT_EQ(plain.protocol(), IPPROTO_TCP);
    plain_has_all = plain_has_all && holds(plain, name);
  }
  if (option().mptcp != Mptcp::kRefused && option().inheritance == Inheritance::kInherited) {
    EXPECT_EQ(plain_has_all, option().mptcp == Mptcp::kTaken) << "the socket of a plain TCP client";
  }
}

class Numeric : public KernelFacts {};

TEST_P(Numeric, TakesTheRangeOfTheRow) {
  for (const auto& [family, name] : names()) {
    // These must be two ticks of the kernel's timer, of which there are at least 100 a second.
    const bool ticks = key() == "rto_min_us" || key() == "delack_max_us";
    const std::int64_t min = ticks ? 20'000 : option().min;
    EXPECT_EQ(Socket(family, 0).set(name, value_at(min)), 0) << min;
    // Above 2 GiB of pending connections or CPUs nobody has, the kernel takes what it can.
    EXPECT_EQ(Socket(family, 0).set(name, value_at(option().max)), 0) << option().max;
  }
}

INSTANTIATE_TEST_SUITE_P(, Numeric,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.kind != Kind::kName && option.kind != Kind::kLinger;
                         })),
                         by_key);

// The ranges that the kernel enforces: whether it refuses what lies just below, and just above.
const std::map<std::string_view, std::pair<bool, bool>> kEnforced = {
    {"keepidle", {true, true}},        {"keepintvl", {true, true}},
    {"keepcnt", {true, true}},         {"syncnt", {true, true}},
    {"user_timeout", {true, false}},   {"ttl", {true, true}},
    {"mtu_discover", {true, true}},    {"maxseg", {true, true}},
    {"rto_max_ms", {true, true}},      {"rto_min_us", {true, true}},
    {"delack_max_us", {true, true}},   {"minttl", {true, true}},
    {"busy_poll_budget", {true, true}}};

class EnforcedRange : public KernelFacts {};

TEST_P(EnforcedRange, RefusesWhatIsOutside) {
  const auto [below, above] = kEnforced.at(key());
  const auto [family, name] = names().front();
  // 0 means the default for maxseg, and for ttl -1 does.
  const std::int64_t less = key() == "ttl" ? 0 : option().min - 1;
  const std::int64_t more = option().max + 1;
  if (below) {
    EXPECT_EQ(Socket(family, 0).set(name, value_of_int(static_cast<int>(less))), EINVAL) << less;
  }
  if (above) {
    EXPECT_EQ(Socket(family, 0).set(name, value_of_int(static_cast<int>(more))), EINVAL) << more;
  }
}

INSTANTIATE_TEST_SUITE_P(, EnforcedRange,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return kEnforced.contains(option.key);
                         })),
                         by_key);

TEST_P(OnListeners, IsTakenAfterListenAsTheRowSays) {
  for (const auto& [family, name] : names()) {
    Socket socket(family, 0);
    socket.bind_to_loopback(family);
    socket.listen();
    const int error = socket.set(name, value());
    if (key() == "v6only") {
      EXPECT_EQ(error, EINVAL);
    } else {
      EXPECT_EQ(error, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, OnListeners,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.inheritance != Inheritance::kClient;
                         })),
                         by_key);

INSTANTIATE_TEST_SUITE_P(, KernelFacts, ::testing::ValuesIn(socket_option_rows()), by_key);

TEST(KernelFactsTest, AListenerTellsItsBacklogAndQueue) {
  Socket socket(AF_INET, 0);
  socket.bind_to_loopback(AF_INET);
  ASSERT_EQ(listen(socket.fd(), 7), 0);
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(getsockopt(socket.fd(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_sacked, 7u);
  EXPECT_EQ(info.tcpi_unacked, 0u);
}

// Both the port of a bind to port 0 and the one of a connect.
TEST(KernelFactsTest, LocalPortRangeIsWhereTheKernelChoosesPorts) {
  const Option& row = kOptions[find_option("local_port_range")];
  if (!kernel_knows(row)) GTEST_SKIP() << "this kernel does not know local_port_range";
  Socket listener(AF_INET, 0);
  ASSERT_EQ(listener.set(row.ipv4, parsed(row, "40000-40099")), 0);
  listener.bind_to_loopback(AF_INET);
  listener.listen();
  EXPECT_GE(listener.port(), 40000);
  EXPECT_LE(listener.port(), 40099);
  const auto [bare, accepted] = listener.accept(AF_INET, 0);
  Socket client(AF_INET, 0);
  ASSERT_EQ(client.set(row.ipv4, parsed(row, "40100-40199")), 0);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  ASSERT_EQ(connect(client.fd(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_GE(client.port(), 40100);
  EXPECT_LE(client.port(), 40199);
  Socket backwards(AF_INET, 0);
  EXPECT_EQ(backwards.set(row.ipv4, value_of_int(40000 << 16 | 40001)), EINVAL);
}

// Why rcvtimeo is for client sockets only, and what sndtimeo does to connect.
TEST(KernelFactsTest, TimeoutsEndAcceptAndConnect) {
  const Value moment = parsed(kOptions[find_option("rcvtimeo")], "20ms");
  Socket listener(AF_INET, 0);
  listener.bind_to_loopback(AF_INET);
  ASSERT_EQ(listen(listener.fd(), 0), 0);
  ASSERT_EQ(listener.set(kOptions[find_option("rcvtimeo")].ipv4, moment), 0);
  EXPECT_EQ(accept(listener.fd(), nullptr, nullptr), -1);
  EXPECT_EQ(errno, EAGAIN);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  // A backlog of 0 lets one connection wait; a SYN that finds the queue full is not answered.
  const Socket first(AF_INET, 0);
  ASSERT_EQ(connect(first.fd(), reinterpret_cast<sockaddr*>(&address), size), 0);
  int error = 0;
  for (int i = 0; i < 3 && error == 0; ++i) {
    const Socket late(AF_INET, 0);
    ASSERT_EQ(late.set(kOptions[find_option("sndtimeo")].ipv4, moment), 0);
    if (connect(late.fd(), reinterpret_cast<sockaddr*>(&address), size) != 0) error = errno;
  }
  EXPECT_EQ(error, EINPROGRESS);
}

TEST(KernelFactsTest, ListenResetsQuickack) {
  Socket socket(AF_INET, 0);
  const KernelName quickack = {IPPROTO_TCP, TCP_QUICKACK};
  ASSERT_EQ(socket.set(quickack, value_of_int(0)), 0);
  socket.bind_to_loopback(AF_INET);
  socket.listen();
  EXPECT_EQ(socket.get(quickack).number(Kind::kBoolean), 1);
}

}  // namespace
}  // namespace sockopt::test
