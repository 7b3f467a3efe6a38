// SPDX-License-Identifier: MIT
//
// What is wanted of a socket against what the kernel says it holds. Every option of the table is
// put onto real sockets by setsockopt: on them nothing may differ, and on untouched ones it must.
#include "tools/sockopt/live/drift.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "shim/options/lookup.h"
#include "tests/support/configuration.h"
#include "tests/support/option_row.h"
#include "tests/support/tcp_client.h"
#include "tools/inspect/option_reading.h"

namespace sockopt::test {
namespace {

// A policy as it is for one program.
class Checked {
 public:
  explicit Checked(std::string_view text, std::string_view program = "/usr/sbin/server")
      : configuration_(text) {
    EXPECT_TRUE(configuration_.faults().empty()) << configuration_.rendered();
    const auto runs = std::make_unique<Program>();
    runs->set(program, program, {});
    plan_->make(configuration_.policy(), *runs);
  }

  // What is found of one option of a socket of ours; nothing where it is not wanted of it.
  std::optional<CheckResult> check(int fd, std::string_view key,
                                   const Endpoint* listener = nullptr) {
    const SocketFacts facts = socket_facts(fd).value();
    const OptionId id = find_option(key);
    const Expected& expected = checker_.expect(facts, listener);
    if (!expected.options.contains(id)) return std::nullopt;
    OptionReading held =
        kOptions[id].kind == Kind::kBacklog
            ? OptionReading{.value = value_of_int(static_cast<int>(facts.queue_limit.value()))}
            : read_raw_option(fd, kOptions[id].read_name(deciding_name(kOptions[id], facts)));
    if (kOptions[id].read_back == ReadBack::kDoubled && tells_locks) {
      held.tuned = is_tuned(kOptions[id], read_raw_option(fd, kBufLock).value.number(Kind::kCount));
    }
    return checker_.check(expected, id, held, limits);
  }

  std::optional<Match> match(int fd, std::string_view key, const Endpoint* listener = nullptr) {
    const auto result = check(fd, key, listener);
    return result ? std::optional(result->match) : std::nullopt;
  }

  std::string wanted(int fd, std::string_view key, const Endpoint* listener = nullptr) {
    const auto result = check(fd, key, listener);
    if (!result) return "";
    const SocketFacts facts = socket_facts(fd).value();
    return checker_.wanted_text(checker_.expect(facts, listener), find_option(key), result->wanted);
  }

  NamespaceLimits limits{.somaxconn = 4096};
  bool tells_locks = true;  ///< as kernels since 5.15 do

 private:
  Configuration configuration_;
  std::unique_ptr<Plan> plan_ = std::make_unique<Plan>();
  Checker checker_{configuration_.policy(), *plan_};
};

UniqueFd tcp_socket(int family = AF_INET) {
  return UniqueFd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// A listener with a connection, both ends of it. What is set before listen is on all but the
// client.
struct Sockets {
  explicit Sockets(int family, const Option* option = nullptr, const Value* value = nullptr)
      : listener(tcp_socket(family)), client(tcp_socket(family)) {
    if (option != nullptr) {
      refused = !set(listener.get(), family, *option, *value);
      set(client.get(), family, *option, *value);
    }
    listen(listener.get(), 16);
    listener_end = socket_facts(listener.get()).value().local;
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    getsockname(listener.get(), generic, &size);
    // To connect to the wildcard is to connect to this host.
    connected = connect(client.get(), generic, size) == 0;
    if (connected) send(client.get(), "x", 1, MSG_NOSIGNAL);  // what a deferred accept waits for
    if (connected) accepted = UniqueFd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

  static bool set(int fd, int family, const Option& option, const Value& value) {
    bool taken = false;
    for (const KernelName name : {option.ipv4, family == AF_INET6 ? option.ipv6 : KernelName()}) {
      if (!name.exists()) continue;
      taken |= setsockopt(fd, name.level, name.name, value.data(), value.length()) == 0;
    }
    return taken;
  }

  UniqueFd listener, client, accepted;
  Endpoint listener_end;
  bool refused = false;
  bool connected = false;
};

std::string policy_for(const Option& option) {
  return "[sockopt]\n" + std::string(option.key.view()) + " = " + distinct_value(option) + "\n";
}

// Before Linux 5.15 nothing tells a size that was set from one that the kernel has arrived at.
TEST(Checker, BufferIsUnknownWhereTheKernelDoesNotTellWhoSizesIt) {
  const UniqueFd fd = tcp_socket();
  const auto usual = static_cast<int>(
      read_raw_option(fd.get(), {SOL_SOCKET, SO_RCVBUF}).value.number(Kind::kSize));
  Checked checked("[sockopt]\nrcvbuf = " + std::to_string(usual / 2) + "\n");
  EXPECT_EQ(checked.match(fd.get(), "rcvbuf"), Match::kDiffers);
  checked.tells_locks = false;
  EXPECT_EQ(checked.match(fd.get(), "rcvbuf"), Match::kUnknown);
  checked.tells_locks = true;
  const int half = usual / 2;
  ASSERT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &half, sizeof half), 0);
  EXPECT_EQ(checked.match(fd.get(), "rcvbuf"), Match::kHolds);
}

class EveryOption : public testing::TestWithParam<int> {};

TEST_P(EveryOption, HoldsWhereItIsSet) {
  for (const std::size_t row : socket_option_rows()) {
    const Option& option = kOptions[row];
    if (!kernel_knows(option)) continue;
    SCOPED_TRACE(option.key.view());
    const Value value = parsed(option, distinct_value(option));
    const Sockets sockets(GetParam(), &option, &value);
    if (sockets.refused) continue;  // of the other family, or a privilege is lacking
    ASSERT_TRUE(sockets.connected || option.key == "bindtodevice");
    Checked checked(policy_for(option));
    EXPECT_NE(checked.match(sockets.listener.get(), option.key), Match::kDiffers);
    if (!sockets.connected) continue;
    EXPECT_NE(checked.match(sockets.client.get(), option.key), Match::kDiffers);
    // What is not inherited the library sets on each accepted socket.
    if (option.inheritance == Inheritance::kPerSocket) continue;
    EXPECT_NE(checked.match(sockets.accepted.get(), option.key, &sockets.listener_end),
              Match::kDiffers);
  }
}

TEST_P(EveryOption, DepartsWhereItIsNot) {
  int seen = 0;
  const Sockets sockets(GetParam());
  ASSERT_TRUE(sockets.connected);
  for (const std::size_t row : socket_option_rows()) {
    const Option& option = kOptions[row];
    if (!kernel_knows(option) || option.read_back == ReadBack::kTransient) continue;
    if (option.read_back == ReadBack::kNever) continue;
    SCOPED_TRACE(option.key.view());
    Checked checked(policy_for(option));
    const auto listener = checked.match(sockets.listener.get(), option.key);
    const auto accepted = checked.match(sockets.accepted.get(), option.key, &sockets.listener_end);
    const auto client = checked.match(sockets.client.get(), option.key);
    const bool here = GetParam() == AF_INET6 || option.ipv4.exists();
    EXPECT_EQ(listener, here && option.inheritance != Inheritance::kClient
                            ? std::optional(Match::kDiffers)
                            : std::nullopt);
    if (option.inheritance == Inheritance::kListener) {
      EXPECT_FALSE(accepted);
      EXPECT_FALSE(client);
    } else if (option.inheritance != Inheritance::kClient && here &&
               option.key != "maxseg") {  // loopback's segments are larger than any that is wanted
      EXPECT_EQ(accepted, Match::kDiffers);
    }
    seen += listener == Match::kDiffers;
  }
  EXPECT_GT(seen, 20);
}

INSTANTIATE_TEST_SUITE_P(Families, EveryOption, testing::Values(AF_INET, AF_INET6),
                         [](const auto& family) {
                           return family.param == AF_INET ? "IPv4" : "IPv6";
                         });

TEST(Checker, BacklogIsAtLeastWhatIsWanted) {
  const Sockets sockets(AF_INET);  // 16
  const int fd = sockets.listener.get();
  EXPECT_EQ(Checked("[sockopt]\nbacklog = 16\n").match(fd, "backlog"), Match::kHolds);
  EXPECT_EQ(Checked("[sockopt]\nbacklog = 8\n").match(fd, "backlog"), Match::kHolds);
  EXPECT_EQ(Checked("[sockopt]\nbacklog = 17\n").match(fd, "backlog"), Match::kDiffers);
  EXPECT_EQ(Checked("[sockopt]\nbacklog = max\n").match(fd, "backlog"), Match::kDiffers);
  EXPECT_FALSE(Checked("[sockopt]\nbacklog = 17\n")
                   .match(sockets.accepted.get(), "backlog", &sockets.listener_end));
}

TEST(Checker, EnforcedBacklogIsExact) {
  const Sockets sockets(AF_INET);
  Checked checked("[rule all]\nlisten = *\nbacklog = 8\nenforce = yes\n");
  EXPECT_EQ(checked.match(sockets.listener.get(), "backlog"), Match::kDiffers);
}

TEST(Checker, BacklogIsCutToTheSysctlOfItsNamespace) {
  const Sockets sockets(AF_INET);
  Checked checked("[sockopt]\nbacklog = 16384\n");
  EXPECT_EQ(checked.wanted(sockets.listener.get(), "backlog"),
            "4096 (16384 cut: net.core.somaxconn)");
  checked.limits.somaxconn = 16;
  EXPECT_EQ(checked.match(sockets.listener.get(), "backlog"), Match::kHolds);
  checked.limits.somaxconn.reset();
  EXPECT_EQ(checked.match(sockets.listener.get(), "backlog"), Match::kUnknown)
      << "another's sysctl that cannot be read may have cut it";
}

TEST(Checker, SaysWhatTheKernelMakesOfIt) {
  const Sockets sockets(AF_INET);
  const int fd = sockets.listener.get();
  EXPECT_EQ(Checked("[sockopt]\nkeepidle = 60s\n").wanted(fd, "keepidle"), "60s");
  EXPECT_EQ(Checked("[sockopt]\nrcvbuf = 32K\n").wanted(fd, "rcvbuf"), "64K (32K doubled)");
  const std::string cut = Checked("[sockopt]\nrcvbuf = 1023M\n").wanted(fd, "rcvbuf");
  EXPECT_TRUE(cut.ends_with(" (1023M doubled and cut: net.core.[rw]mem_max)")) << cut;
  EXPECT_EQ(Checked("[sockopt]\ndefer_accept = 5s\n").wanted(fd, "defer_accept"),
            "7s (5s rounded)");
}

// The rule of the listener speaks for what was accepted, that of the peer for what was connected.
TEST(Checker, RulesByRole) {
  const Sockets sockets(AF_INET);
  const std::string port = std::to_string(sockets.listener_end.port);
  Checked listens("[rule a]\nlisten = " + port + "\nkeepidle = 61s\n");
  EXPECT_EQ(listens.match(sockets.listener.get(), "keepidle"), Match::kDiffers);
  EXPECT_EQ(listens.match(sockets.accepted.get(), "keepidle", &sockets.listener_end),
            Match::kDiffers);
  EXPECT_FALSE(listens.match(sockets.client.get(), "keepidle"));
  Checked connects("[rule a]\nconnect = " + port + "\nkeepidle = 61s\n");
  EXPECT_FALSE(connects.match(sockets.listener.get(), "keepidle"));
  EXPECT_FALSE(connects.match(sockets.accepted.get(), "keepidle", &sockets.listener_end));
  EXPECT_EQ(connects.match(sockets.client.get(), "keepidle"), Match::kDiffers);
}

TEST(Checker, RulesOfOtherPrograms) {
  const Sockets sockets(AF_INET);
  const std::string text = "[rule a]\nprogram = nginx\nkeepidle = 61s\n";
  EXPECT_FALSE(Checked(text).match(sockets.listener.get(), "keepidle"));
  EXPECT_EQ(Checked(text, "/usr/sbin/nginx").match(sockets.listener.get(), "keepidle"),
            Match::kDiffers);
}

// A socket that is not bound or connected yet: what no address may change, and nothing else.
TEST(Checker, SocketBeforeItsRole) {
  const UniqueFd fd = tcp_socket();
  Checked checked(
      "[sockopt]\nkeepidle = 61s\nkeepintvl = 9s\nbacklog = 99\n"
      "[rule a]\nlisten = 80\nkeepintvl = 10s\n");
  EXPECT_EQ(checked.match(fd.get(), "keepidle"), Match::kDiffers);
  EXPECT_FALSE(checked.match(fd.get(), "keepintvl")) << "its rule waits for an address";
  EXPECT_FALSE(checked.match(fd.get(), "backlog"));
}

TEST(Checker, DefaultWantsNothing) {
  const Sockets sockets(AF_INET);
  Checked checked("[sockopt]\nkeepidle = 61s\n[rule a]\nprogram = *\nkeepidle = default\n");
  EXPECT_FALSE(checked.match(sockets.listener.get(), "keepidle"));
}

TEST(Checker, RawOption) {
  const Sockets sockets(AF_INET);
  Configuration configuration("[sockopt]\nraw.1.18 = 5\nraw.6.999 = 1\n");
  Plan plan;
  const auto program = std::make_unique<Program>();
  plan.make(configuration.policy(), *program);
  Checker checker(configuration.policy(), plan);
  const SocketFacts facts = socket_facts(sockets.listener.get()).value();
  const Expected& expected = checker.expect(facts, nullptr);
  ASSERT_EQ(expected.options.count(), 2);
  std::vector<Match> before;
  std::vector<Match> after;
  const auto read = [&](std::vector<Match>& matches) {
    for (const OptionId id : expected.options) {
      const KernelName name = configuration.policy().option(id).ipv4;
      matches.push_back(
          checker.check(expected, id, read_raw_option(sockets.listener.get(), name), {}).match);
    }
  };
  read(before);
  const int low_water = 5;
  ASSERT_EQ(setsockopt(sockets.listener.get(), SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof(int)),
            0);
  read(after);
  EXPECT_EQ(before, (std::vector{Match::kDiffers, Match::kUnknown}));
  EXPECT_EQ(after, (std::vector{Match::kHolds, Match::kUnknown}));
}

TEST(Checker, MptcpIsNotHeldToWhatItDoesNotTake) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM, 262));
  if (!fd) GTEST_SKIP() << "this kernel has no MPTCP";
  ASSERT_EQ(listen(fd.get(), 5), 0);
  Checked checked("[sockopt]\nuser_timeout = 30s\nkeepidle = 61s\n");
  EXPECT_FALSE(checked.match(fd.get(), "user_timeout"));
  EXPECT_EQ(checked.match(fd.get(), "keepidle"), Match::kDiffers);
}

// Peers are not remembered one by one, and each is checked by its own rule all the same.
TEST(Checker, ManyPeers) {
  Configuration configuration(
      "[rule a]\nconnect = 192.0.2.0/25\nkeepidle = 61s\n"
      "[rule b]\nconnect = 192.0.2.128/25\nkeepidle = 62s\n");
  const auto plan = std::make_unique<Plan>();
  plan->make(configuration.policy(), *std::make_unique<Program>());
  Checker checker(configuration.policy(), *plan);
  for (int last = 0; last < 256; ++last) {
    SocketFacts facts{.domain = AF_INET, .protocol = IPPROTO_TCP};
    facts.peer.family = AF_INET;
    facts.peer.address = {192, 0, 2, static_cast<std::uint8_t>(last)};
    facts.peer.port = 5432;
    const Expected& expected = checker.expect(facts, nullptr);
    ASSERT_EQ(expected.options.count(), 1);
    const OptionId id = *expected.options.begin();
    EXPECT_EQ(checker.wanted_text(expected, id, expected.decision.settings[id]->value),
              last < 128 ? "61s" : "62s");
  }
}

}  // namespace
}  // namespace sockopt::test
